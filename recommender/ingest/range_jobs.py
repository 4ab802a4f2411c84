"""What there is to read: the sources range by range, less what an earlier ingest has read."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.errors import SourceError
from recommender.ingest.compression import ByteMeter, Packing, decompressed_blocks, packing_of
from recommender.ingest.known_files import SHORTEST_HEAD, Recognised, head_digest, head_of
from recommender.ingest.text_ranges import StreamRanges, file_blocks, file_ranges
from recommender.model.ingested_file import IngestedFile, PackedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from recommender.ingest.known_files import KnownFiles
    from recommender.ingest.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBegins:
    """What follows belongs to this source."""

    source: Source
    file: IngestedFile | None
    """What of it is known, nothing perhaps; None if it could not be recognised when it comes again."""
    known_bytes: int
    """Bytes of the file, as it lies, that are not read again."""


@dataclass(slots=True, kw_only=True)
class RangeJob:
    """A range to decode: of a plain file, or of a stream."""

    name: str
    continued: bool
    """Whether something of the same source came before it."""
    path: Path | None = None
    start: int = 0
    end: int = 0
    stream: Iterator[bytes] | None = None
    """Instead of a path; to be used up before the next job is asked for."""
    bytes_read: int = 0
    """Bytes of the source as it lies; of a stream, once it is used up."""

    def blocks(self) -> Iterator[bytes]:
        """The bytes to decode.

        Raises:
            SourceError: the file system fails.
            RejectedRecordError: where a compressed stream is cut or damaged.
        """
        if self.path is None:
            assert self.stream is not None  # noqa: S101 - it is one or the other
            return self.stream
        return file_blocks(self.path, start=self.start, end=self.end, name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEnds:
    """All of the source was read."""

    packed: PackedFile | None = None
    """The compressed file that it was."""


Step = FileBegins | RangeJob | FileEnds


def range_jobs(sources: Iterable[Source], known: KnownFiles) -> Iterator[Step]:
    """The steps for all sources, one after the other.

    Raises:
        SourceError: for a file that cannot be read, or is packed in a way that is not supported.
    """
    for source in sources:
        with _opened(source) as meter:
            packing = packing_of(meter, source.name)
            if not source.reopens:
                yield FileBegins(source=source, file=None, known_bytes=0)
                yield from _stream_jobs(source, meter, packing, skipped=0)
                yield FileEnds()
            else:
                yield from _file_steps(source, meter, packing, known)


def _file_steps(source: Source, meter: ByteMeter, packing: Packing, known: KnownFiles) -> Iterator[Step]:
    found = _recognised(source, packing, known)
    file = _unknown(source, packing) if found is None else replace(found.file, name=source.name)
    if found is not None and found.whole:
        yield FileBegins(source=source, file=file, known_bytes=source.size)
        yield FileEnds(packed=_as_it_lies(source) if packing.compressed else None)
        return
    covered = file.covered if file else 0
    yield FileBegins(source=source, file=file, known_bytes=covered if packing is Packing.PLAIN else 0)
    if packing is Packing.PLAIN:
        yield from _plain_jobs(source, start=covered)
        yield FileEnds()
    else:
        yield from _stream_jobs(source, meter, packing, skipped=covered)
        packed = PackedFile(size=meter.consumed, digest=meter.digest) if packing.compressed else None
        yield FileEnds(packed=packed)


def _plain_jobs(source: Source, *, start: int) -> Iterator[RangeJob]:
    assert source.path is not None  # noqa: S101 - only files reopen
    with _file_errors(source), source.path.open("rb") as file:
        ranges = file_ranges(file, start=start, end=max(source.size, start))
        for number, (begin, end) in enumerate(ranges):
            yield RangeJob(
                name=source.name,
                continued=start > 0 or number > 0,
                path=source.path,
                start=begin,
                end=end,
                bytes_read=end - begin,
            )


def _stream_jobs(source: Source, meter: ByteMeter, packing: Packing, *, skipped: int) -> Iterator[RangeJob]:
    blocks = _without_first(decompressed_blocks(meter, packing), skipped)
    for number, stream in enumerate(StreamRanges(blocks)):
        job = RangeJob(name=source.name, continued=skipped > 0 or number > 0)
        job.stream = _metered(stream, job, meter)
        yield job


def _metered(stream: Iterator[bytes], job: RangeJob, meter: ByteMeter) -> Iterator[bytes]:
    before = meter.consumed
    try:
        yield from stream
    finally:
        job.bytes_read = meter.consumed - before


def _without_first(blocks: Iterator[bytes], skipped: int) -> Iterator[bytes]:
    for block in blocks:
        if skipped < len(block):
            yield block[skipped:] if skipped else block
        skipped = max(skipped - len(block), 0)


def _recognised(source: Source, packing: Packing, known: KnownFiles) -> Recognised | None:
    if packing.compressed and source.size in known.packed_sizes and (file := known.unpacked(_as_it_lies(source))):
        return Recognised(file=file, whole=True)
    return known.recognise(lambda: _unpacked(source, packing))


def _unknown(source: Source, packing: Packing) -> IngestedFile | None:
    head = head_of(_unpacked(source, packing))
    if len(head) < SHORTEST_HEAD:
        return None
    return IngestedFile(name=source.name, head=head_digest(head), head_length=len(head), ranges=())


def _unpacked(source: Source, packing: Packing) -> Iterator[bytes]:
    with _opened(source) as meter:
        yield from decompressed_blocks(meter, packing)


def _as_it_lies(source: Source) -> PackedFile:
    with _opened(source) as meter:
        while meter.read():
            pass
        return PackedFile(size=meter.consumed, digest=meter.digest)


@contextmanager
def _opened(source: Source) -> Iterator[ByteMeter]:
    stream = source.open()
    try:
        yield ByteMeter(stream, source.name)
    finally:
        source.close(stream)


@contextmanager
def _file_errors(source: Source) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(f"cannot be read: {error}", where=source.name, hint="check the file and its disk") from error
