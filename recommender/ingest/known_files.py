"""Is the content of a file, or its beginning, in the dataset already? Its bytes decide, not its name, place or time.

A log that was renamed, copied or compressed after rotation is the same content; a log that has grown begins with it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from recommender.ingest.rejects import RejectedRecordError
from recommender.ingest.whole_lines import checksum
from recommender.model.ingested_file import NO_TEXT, IngestedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from recommender.model.ingested_file import PackedFile

HEAD_BYTES: Final = 4096
"""A few flows, whose ids no other file shares."""
SHORTEST_HEAD: Final = 64
"""Less than that says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What of a file was read before; of one that was read within its first line, nothing but that."""

    file: IngestedFile
    """Cut to the ranges that are the same."""
    whole: bool
    """Whether there is nothing beyond what was read."""


class KnownFiles:
    """The files that a dataset, or an ingest that was interrupted, has read."""

    def __init__(self, files: Iterable[IngestedFile]) -> None:
        self._files = tuple(files)
        self._packed = {packed: file for file in self._files for packed in file.packed}
        self.packed_sizes = frozenset(packed.size for packed in self._packed)
        """Sizes that a compressed file has if it is known as it lies."""

    def unpacked(self, packed: PackedFile) -> IngestedFile | None:
        """The content of this compressed file, if it was read before."""
        return self._packed.get(packed)

    def recognise(self, open_blocks: Callable[[], Iterator[bytes]]) -> Recognised | None:
        """What of this content was read before; None if nothing."""
        if not self._files:
            return None
        head = head_of(open_blocks())
        found = [
            _compare(file, open_blocks())
            for file in self._files
            if file.head_length <= len(head) and head_digest(head[: file.head_length]) == file.head
        ]
        return max(found, key=lambda one: (one.whole, one.file.covered), default=None)


def head_of(blocks: Iterator[bytes]) -> bytes:
    """The first bytes of a content, by which it is looked up; fewer where it is shorter or cannot be read on."""
    head = b""
    try:
        for block in blocks:
            head += block[:HEAD_BYTES]
            if len(head) >= HEAD_BYTES:
                break
    except RejectedRecordError:
        pass
    return head[:HEAD_BYTES]


def head_digest(head: bytes) -> str:
    """Of the first bytes of a file."""
    return hashlib.blake2b(head, digest_size=16).hexdigest()


def _compare(file: IngestedFile, blocks: Iterator[bytes]) -> Recognised:
    text = _Text(blocks)
    same = 0
    try:
        for part in file.ranges:
            if text.checksum_of(part.length) != part.checksum:
                break
            same += 1
        else:
            if text.checksum_of(file.tail.length) == file.tail.checksum and text.at_end():
                return Recognised(file=file, whole=True)
    except RejectedRecordError:
        pass  # It cannot be unpacked further, so it is not whole.
    if same < len(file.ranges):
        file = replace(file, packed=())
    return Recognised(file=replace(file, ranges=file.ranges[:same], tail=NO_TEXT, tail_rejects=()), whole=False)


class _Text:
    """Blocks that are read by length."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._ahead = b""

    def checksum_of(self, length: int) -> int:
        """Of the next so many bytes; -1 if there are fewer."""
        found = 0
        while length:
            if not self._ahead and self.at_end():
                return -1
            part, self._ahead = self._ahead[:length], self._ahead[length:]
            found = checksum(part, found)
            length -= len(part)
        return found

    def at_end(self) -> bool:
        """Whether nothing follows."""
        while not self._ahead:
            block = next(self._blocks, None)
            if block is None:
                return True
            self._ahead = block
        return False
