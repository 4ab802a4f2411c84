"""Blocks of bytes to numbered lines, within bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RECORD_LIMIT: Final = 16 * 2**20
"""The longest record that is read, in bytes."""


@dataclass(slots=True, kw_only=True)
class Lines:
    """Whole lines that follow each other."""

    first: int
    """Number of the first one, counted from 1."""
    texts: list[bytes]
    """Without their newlines."""


@dataclass(slots=True, kw_only=True)
class LinePart:
    """A piece of a line that exceeds the limit, cut anywhere."""

    number: int
    text: bytes
    last: bool


def split_lines(blocks: Iterable[bytes], *, limit: int = RECORD_LIMIT) -> Iterator[Lines | LinePart]:
    """The lines of all blocks; a line longer than the limit comes in parts of about that size.

    Whatever ends the blocks (also an error) ends the lines: an unfinished last line is then not given out.
    """
    number, size, in_parts = 1, 0, False
    rest: list[bytes] = []
    for block in blocks:
        texts = block.split(b"\n")
        rest.append(texts[0])
        if len(texts) == 1:
            size += len(block)
            if size > limit:
                yield LinePart(number=number, text=b"".join(rest), last=False)
                rest, size, in_parts = [], 0, True
            continue
        texts[0] = b"".join(rest)
        rest = [texts.pop()]
        size = len(rest[0])
        if in_parts:
            yield LinePart(number=number, text=texts.pop(0), last=True)
            number, in_parts = number + 1, False
        if texts:
            yield Lines(first=number, texts=texts)
            number += len(texts)
    if in_parts:
        yield LinePart(number=number, text=b"".join(rest), last=True)
    elif size:
        yield Lines(first=number, texts=[b"".join(rest)])
