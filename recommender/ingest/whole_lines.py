"""Passes whole lines on, measures them, and keeps what follows the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isal import isal_zlib

from recommender.ingest.line_blocks import RECORD_LIMIT
from recommender.model.ingested_file import TextRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def checksum(data: bytes, before: int = 0) -> int:
    """CRC-32 of the data after what gave `before`."""
    return isal_zlib.crc32(data, before)


class WholeLines:
    """The blocks of a range up to its last newline; a line longer than the limit is not kept together."""

    def __init__(self, blocks: Iterable[bytes], *, limit: int = RECORD_LIMIT) -> None:
        self._blocks = blocks
        self._limit = limit
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._length = self._checksum = 0
        self._in_long_line = False
        self.tail = b""
        """What follows the last newline, once everything was read."""
        self.kept_together = True
        """False if a line was longer than the limit, and passed on before it had ended."""

    def __iter__(self) -> Iterator[bytes]:
        """The blocks, cut after newlines."""
        for block in self._blocks:
            end = block.rfind(b"\n") + 1
            if end:
                yield from self._released()
                yield self._counted(block[:end])
                self._in_long_line = False
            self._waiting.append(block[end:])
            self._waiting_size += len(block) - end
            if self._waiting_size > self._limit:
                self.kept_together, self._in_long_line = False, True
                yield from self._released()
        if self._in_long_line:
            yield from self._released()
        self.tail = b"".join(self._waiting)

    @property
    def lines_range(self) -> TextRange:
        """The whole lines."""
        return TextRange(length=self._length, checksum=self._checksum)

    @property
    def tail_range(self) -> TextRange:
        """What follows them."""
        return TextRange(length=len(self.tail), checksum=checksum(self.tail))

    @property
    def everything(self) -> TextRange:
        """Both together."""
        return TextRange(length=self._length + len(self.tail), checksum=checksum(self.tail, self._checksum))

    def _released(self) -> Iterator[bytes]:
        waiting, self._waiting, self._waiting_size = self._waiting, [], 0
        for block in waiting:
            if block:
                yield self._counted(block)

    def _counted(self, block: bytes) -> bytes:
        self._length += len(block)
        self._checksum = checksum(block, self._checksum)
        return block
