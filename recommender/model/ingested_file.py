"""What of a capture file is in a dataset: recognised by its content, whatever it is called and however it is packed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRange:
    """Some bytes of a file, unpacked."""

    length: int
    lines: int = 0
    """Whole lines in them."""
    checksum: int
    """CRC-32."""


NO_TEXT: Final = TextRange(length=0, checksum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """A compressed file as it lies: one that held exactly this content is not unpacked again."""

    size: int
    digest: str
    """BLAKE2b, 128 bits, in hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailReject:
    """Why the unfinished end of a file could not be read; it counts until the file has grown."""

    reason: str
    line: int
    detail: str | None
    first_bytes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestedFile:
    """The content of one file as far as it was read: whole lines range by range, then what followed the last one."""

    name: str
    """As it was given last; for people, never for recognition."""
    head: str
    """BLAKE2b, 128 bits, of the first `head_length` bytes."""
    head_length: int
    ranges: tuple[TextRange, ...]
    """From the first byte on, without gaps. Reading can go on after each."""
    tail: TextRange = NO_TEXT
    """What follows the ranges: read, and read again once the file has grown."""
    tail_rejects: tuple[TailReject, ...] = ()
    packed: tuple[PackedFile, ...] = ()

    @property
    def covered(self) -> int:
        """Bytes in the ranges."""
        return sum(part.length for part in self.ranges)

    @property
    def lines(self) -> int:
        """Lines in the ranges."""
        return sum(part.lines for part in self.ranges)

    def continues(self, other: IngestedFile) -> bool:
        """Whether this is the other file once more, or grown."""
        same_head = (self.head, self.head_length) == (other.head, other.head_length)
        return same_head and self.ranges[: len(other.ranges)] == other.ranges
