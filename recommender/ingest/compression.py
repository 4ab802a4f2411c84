"""Blocks of decompressed bytes, whatever the file is packed with; the magic bytes decide, never the name."""

from __future__ import annotations

import codecs
import hashlib
from enum import Enum
from typing import TYPE_CHECKING, BinaryIO, Final, assert_never

import zstandard
from isal import isal_zlib

from recommender.errors import SourceError
from recommender.ingest.rejects import RejectedRecordError, RejectReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK_BYTES: Final = 2**20
"""At most this much is decompressed at a time (zstd: see _ZSTD_SLICE)."""
_READ_BYTES: Final = 2**16
"""Small enough that the memory of one read serves the next."""
_ZSTD_SLICE: Final = 2**10
"""A zstd block of four bytes can become 128 KiB, so feeding this much bounds a block to 32 MiB."""
_GZIP_WINDOW_BITS: Final = 31

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE: Final = b"\x2a\x4d\x18"
_FOREIGN: Final = {
    b"\xfd7zXZ\x00": ("an xz file", "xz -dc FILE | netpol-recommend ingest -"),
    b"BZh": ("a bzip2 file", "bzip2 -dc FILE | netpol-recommend ingest -"),
    b"PK\x03\x04": ("a zip file", "unzip -p FILE | netpol-recommend ingest -"),
    b"\x04\x22\x4d\x18": ("an lz4 file", "lz4 -dc FILE | netpol-recommend ingest -"),
    b"PAR1": ("a Parquet file, not a capture", "netpol-recommend FILE, if `ingest` wrote it"),
    b"SQLite format 3\x00": ("an SQLite database, not a capture", "hubble observe -o jsonpb > flows.jsonl"),
}


class ByteMeter:
    """Reads a stream and remembers how many bytes, as they lie in the file, were consumed."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._ahead = b""
        self._digest = hashlib.blake2b(digest_size=16)
        self.consumed = 0

    def peek(self) -> bytes:
        """The first bytes, enough to recognise a format; they are read again later."""
        self._ahead = self._fetch()
        while self._ahead and len(self._ahead) < max(map(len, _FOREIGN)) and (more := self._fetch()):
            self._ahead += more
        return self._ahead

    def read(self) -> bytes:
        """The next bytes; empty at the end.

        Raises:
            SourceError: if the file system fails.
        """
        data, self._ahead = self._ahead or self._fetch(), b""
        self.consumed += len(data)
        self._digest.update(data)
        return data

    @property
    def digest(self) -> str:
        """Of what was consumed, in hexadecimal."""
        return self._digest.hexdigest()

    def _fetch(self) -> bytes:
        try:
            return self._stream.read(_READ_BYTES) or b""
        except (OSError, ValueError) as error:
            raise SourceError(
                f"cannot be read: {error}", where=self._name, hint="check the file and its disk"
            ) from error


class Packing(Enum):
    """How a capture is packed."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZSTD = "zstd"
    UTF16_LITTLE = "utf-16-le"
    UTF16_BIG = "utf-16-be"

    @property
    def compressed(self) -> bool:
        """Whether the file is smaller than its content."""
        return self in {Packing.GZIP, Packing.ZSTD}


_UTF16: Final = {codecs.BOM_UTF16_LE: Packing.UTF16_LITTLE, codecs.BOM_UTF16_BE: Packing.UTF16_BIG}


def packing_of(meter: ByteMeter, name: str) -> Packing:
    """How the content is packed.

    Raises:
        SourceError: for a packing that is not read here; the hint says how to unpack it.
    """
    head = meter.peek()
    for magic, (what, hint) in _FOREIGN.items():
        if head.startswith(magic):
            raise SourceError(f"this is {what}", where=name, hint=hint)
    if head.startswith(_GZIP):
        return Packing.GZIP
    if head.startswith(_ZSTD) or (head[1:4] == _ZSTD_SKIPPABLE and head[0] & 0xF0 == 0x50):  # noqa: PLR2004 - magic numbers
        return Packing.ZSTD
    return _UTF16.get(head[:2], Packing.PLAIN)


def decompressed_blocks(meter: ByteMeter, packing: Packing) -> Iterator[bytes]:
    """The content in blocks.

    Raises:
        RejectedRecordError: where a compressed stream is cut or damaged, after all blocks before that place.
    """
    match packing:
        case Packing.PLAIN:
            return iter(meter.read, b"")
        case Packing.GZIP:
            return _members(meter.read, _GzipMember, _GZIP)
        case Packing.ZSTD:
            return _members(meter.read, _ZstdFrame, b"")
        case Packing.UTF16_LITTLE | Packing.UTF16_BIG:
            return _transcoded(meter.read, packing.value)
        case _:
            assert_never(packing)


class _GzipMember:
    """One gzip member, decompressed piece by piece."""

    failure: type[Exception] = isal_zlib.error  # type: ignore[assignment] # a class, whatever its stub says

    def __init__(self) -> None:
        self._inflate = isal_zlib.decompressobj(wbits=_GZIP_WINDOW_BITS)

    @property
    def finished(self) -> bool:
        return bool(self._inflate.eof)

    @property
    def rest(self) -> bytes:
        """What follows the member."""
        return bytes(self._inflate.unused_data)

    def blocks(self, data: bytes) -> Iterator[bytes]:
        block = self._inflate.decompress(data, BLOCK_BYTES)
        while block:
            yield block
            block = b"" if self._inflate.eof else self._inflate.decompress(self._inflate.unconsumed_tail, BLOCK_BYTES)


class _ZstdFrame:
    """One zstd frame, decompressed piece by piece."""

    failure: type[Exception] = zstandard.ZstdError

    def __init__(self) -> None:
        self._inflate = zstandard.ZstdDecompressor().decompressobj()
        self.rest = b""

    @property
    def finished(self) -> bool:
        return bool(self._inflate.eof)

    def blocks(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE):
            block = self._inflate.decompress(data[start : start + _ZSTD_SLICE])
            if block:
                yield block
            if self._inflate.eof:
                self.rest = bytes(self._inflate.unused_data) + data[start + _ZSTD_SLICE :]
                return


def _members(read: Callable[[], bytes], member_type: type[_GzipMember | _ZstdFrame], magic: bytes) -> Iterator[bytes]:
    """All members (gzip) or frames (zstd) one after the other; zero padding between them is skipped."""
    data = read()
    while data:
        member = member_type()
        try:
            while True:
                yield from member.blocks(data)
                if member.finished:
                    break
                data = read()
                if not data:
                    raise RejectedRecordError(
                        RejectReason.TRUNCATED_COMPRESSION, "the compressed file ends before its stream does"
                    )
        except member.failure as error:
            raise RejectedRecordError(RejectReason.CORRUPT_COMPRESSION, str(error)) from error
        data = member.rest.lstrip(b"\x00")
        while not data and (more := read()):
            data = more.lstrip(b"\x00")
        if data and len(data) < len(magic):
            data += read()
        if data and not data.startswith(magic):
            raise RejectedRecordError(RejectReason.CORRUPT_COMPRESSION, "trailing bytes that are not compressed")


def _transcoded(read: Callable[[], bytes], encoding: str) -> Iterator[bytes]:
    """UTF-16, which PowerShell writes when output is redirected, as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for block in iter(read, b""):
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
