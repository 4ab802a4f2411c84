"""Reading a block of bytes at many places at once, by arithmetic on arrays instead of line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import numpy.typing as npt

    Places = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]
    Words = npt.NDArray[np.uint64]

PADDING: Final = 64
"""Bytes that must follow the last place that is read."""
_WORD: Final = 8
_ASCII_ZERO: Final = 48
_TEN: Final = 10
_EACH_BYTE: Final = 0x0101010101010101
_INLINE: Final = 12
_CACHED: Final = 2**18
"""Bytes that are searched for one character after the other while they lie in the processor's cache."""
_LOW_BYTES: Final = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
_HIGH_BITS: Final = np.uint64(0x8080808080808080)


class BlockText:
    """A block of text, padded at its end, that is read at arrays of byte positions."""

    def __init__(self, padded: bytes | bytearray) -> None:
        self._padded = padded
        self.bytes: npt.NDArray[np.uint8] = np.frombuffer(padded, np.uint8)
        size = len(self.bytes) - _WORD + 1
        # Overlapping 8-byte words, one beginning at every byte: x86 and ARM load them unaligned.
        self._words: Words = np.ndarray((size,), np.dtype("<u8"), buffer=padded, strides=(1,))

    def positions(self, characters: bytes, *, end: int) -> tuple[Places, ...]:
        """Every place before `end` at which each of these characters stands, ascending."""
        found: list[list[Places]] = [[] for _ in characters]
        for start in range(0, end, _CACHED):
            part = self.bytes[start : min(end, start + _CACHED)]
            for character, places in zip(characters, found, strict=True):
                places.append(np.flatnonzero(part == character) + start)
        return tuple(np.concatenate(places) if places else np.zeros(0, np.int64) for places in found)

    def equals(self, places: Places, text: bytes) -> Flags:
        """At which of these places does this text stand?"""
        found: Flags = self._begins(places, text[:_WORD])
        if len(text) > _WORD:
            hits = np.flatnonzero(found)
            found[hits] = self.equals(places[hits] + _WORD, text[_WORD:])
        return found

    def _begins(self, places: Places, text: bytes) -> Flags:
        word = self._words[places]
        if len(text) < _WORD:
            word &= _LOW_BYTES[len(text)]
        found: Flags = word == np.uint64(int.from_bytes(text, "little"))
        return found

    def rows(self, places: Places, width: int) -> npt.NDArray[np.uint8]:
        """The next `width` bytes of each place, one row each."""
        windows = np.lib.stride_tricks.as_strided(
            self.bytes, (len(self.bytes) - width + 1, width), (1, 1), writeable=False
        )
        found: npt.NDArray[np.uint8] = windows[places]
        return found

    def numbers(self, places: Places, *, longest: int) -> tuple[npt.NDArray[np.int64], Places]:
        """The decimal numbers of at most so many digits that begin here, and where each ends."""
        values = np.zeros(len(places), np.int64)
        ends = places.copy()
        running: Flags = np.ones(len(places), np.bool_)
        for _ in range(longest):
            digit = self.bytes[ends].astype(np.int64) - _ASCII_ZERO
            running &= (digit >= 0) & (digit < _TEN)
            values = np.where(running, values * _TEN + digit, values)
            ends += running
        return values, ends

    def until(self, places: Places, character: bytes, *, longest: int) -> Places:
        """Where the character stands next; the place itself if not within `longest` bytes."""
        found = places.copy()
        open_: Places = np.arange(len(places))
        pattern = np.uint64(character[0] * _EACH_BYTE)
        for start in range(0, longest, _WORD):
            word = self._words[places[open_] + start] ^ pattern
            # Marks the lowest zero byte (Bit Twiddling Hacks, "Determine if a word has a zero byte").
            marks = (word - np.uint64(_EACH_BYTE)) & ~word & _HIGH_BITS
            hit = marks != 0
            lowest = marks[hit] & (~marks[hit] + np.uint64(1))
            offset = np.bitwise_count(lowest - np.uint64(1)).astype(np.int64) // _WORD
            found[open_[hit]] = places[open_[hit]] + start + offset
            open_ = open_[~hit]
            if not len(open_):
                break
        return found

    def words(self, places: Places) -> Words:
        """The next eight bytes of each place, the first one lowest."""
        found: Words = self._words[places]
        return found

    def views(self, starts: Places, ends: Places) -> pa.Array:
        """The texts from each start to its end as an Arrow array that refers to this block; nothing is copied.

        Layout: Arrow columnar format, "Variable-size Binary View Layout"; texts of up to twelve bytes stand in it.
        """
        lengths = (ends - starts).astype(np.uint64)
        views = np.empty((len(starts), 2), np.uint64)
        head = self._words[starts] & _LOW_BYTES[np.minimum(lengths, 4).astype(np.int64)]
        views[:, 0] = lengths | head << np.uint64(32)
        rest = np.clip(lengths.astype(np.int64) - 4, 0, _WORD)
        views[:, 1] = np.where(
            lengths <= _INLINE, self._words[starts + 4] & _LOW_BYTES[rest], starts.astype(np.uint64) << np.uint64(32)
        )
        buffers = [None, pa.py_buffer(views), pa.py_buffer(self._padded)]
        return pa.Array.from_buffers(pa.binary_view(), len(starts), buffers)

    @staticmethod
    def hexadecimal(word: Words) -> tuple[Words, Flags]:
        """The number that eight lower-case hex digits make, and whether they are that."""
        digits = (word & _HIGH_BITS) == 0
        letter = (word >> np.uint64(6)) & np.uint64(_EACH_BYTE)
        nibbles = (word & np.uint64(0x0F0F0F0F0F0F0F0F)) + letter * np.uint64(9)
        # Back to text: what does not come out the same was no digit.
        above = ((nibbles + np.uint64(6 * _EACH_BYTE)) >> np.uint64(4)) & np.uint64(_EACH_BYTE)
        digits &= (nibbles & ~np.uint64(0x0F0F0F0F0F0F0F0F)) == 0
        digits &= nibbles + np.uint64(_ASCII_ZERO * _EACH_BYTE) + above * np.uint64(ord("a") - _ASCII_ZERO - 10) == word
        pairs = ((nibbles & np.uint64(0x000F000F000F000F)) << np.uint64(4)) | (
            (nibbles >> np.uint64(8)) & np.uint64(0x000F000F000F000F)
        )
        value = np.zeros(len(word), np.uint64)
        for shift in range(0, 64, 16):
            value = (value << np.uint64(8)) | ((pairs >> np.uint64(shift)) & np.uint64(0xFF))
        return value, digits
