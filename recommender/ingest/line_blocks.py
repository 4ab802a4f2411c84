"""Blocks of bytes to blocks of whole lines, within bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.errors import SourceError
from recommender.ingest.block_text import PADDING, BlockText
from recommender.ingest.rejects import RejectedRecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RECORD_LIMIT: Final = 16 * 2**20
"""The longest record that is read, in bytes."""
_BLOCK_BYTES: Final = 6 * 2**20
"""Enough lines that work on whole arrays pays, few enough bytes that they stay near the processor."""


@dataclass(slots=True, kw_only=True)
class LineBlock:
    """Whole lines that follow each other; valid only until the next one is asked for."""

    text: BlockText
    end: int
    """Bytes of it that are lines; the last one ends in a newline."""


@dataclass(slots=True, kw_only=True)
class LinePart:
    """A piece of a line that exceeds the limit, cut anywhere."""

    text: bytes
    last: bool


def line_blocks(blocks: Iterable[bytes], *, limit: int = RECORD_LIMIT) -> Iterator[LineBlock | LinePart]:
    """The lines of all blocks; a line longer than the limit comes in parts of about that size.

    Where reading fails, the whole lines before that place are given out first; an unfinished last line is not.
    """
    gatherer = _Gatherer(limit)
    try:
        for block in blocks:
            yield from gatherer.add(block)
    except (RejectedRecordError, SourceError):
        yield from gatherer.whole_lines()
        raise
    yield from gatherer.finish()


class _Gatherer:
    """Copies blocks into one buffer, which is used again and again."""

    def __init__(self, limit: int) -> None:
        self._room = limit + 1
        """For the longest line and its newline."""
        self._buffer = bytearray(self._room + PADDING)
        self._text = BlockText(self._buffer)
        self._have = 0
        self._in_parts = False

    def add(self, block: bytes) -> Iterator[LineBlock | LinePart]:
        rest = memoryview(block)
        while rest:
            taken = rest[: self._room - self._have]
            self._buffer[self._have : self._have + len(taken)] = taken
            self._have += len(taken)
            rest = rest[len(taken) :]
            if self._in_parts or self._have >= min(self._room, _BLOCK_BYTES):
                yield from self.whole_lines()
            if self._have == self._room:
                yield self._part(self._have, last=False)

    def whole_lines(self) -> Iterator[LineBlock | LinePart]:
        if self._in_parts and (end := self._buffer.find(b"\n", 0, self._have)) >= 0:
            yield self._part(end, last=True)
            self._drop(1)
        end = self._buffer.rfind(b"\n", 0, self._have) + 1
        if end and not self._in_parts:
            yield LineBlock(text=self._text, end=end)
            self._drop(end)

    def finish(self) -> Iterator[LineBlock | LinePart]:
        yield from self.whole_lines()
        if self._in_parts:
            yield self._part(self._have, last=True)
        elif self._have:
            self._buffer[self._have : self._have + 1] = b"\n"
            yield LineBlock(text=self._text, end=self._have + 1)

    def _part(self, size: int, *, last: bool) -> LinePart:
        part = LinePart(text=bytes(self._buffer[:size]), last=last)
        self._drop(size)
        self._in_parts = not last
        return part

    def _drop(self, size: int) -> None:
        rest = bytes(self._buffer[size : self._have])
        self._buffer[: len(rest)] = rest
        self._have = len(rest)
