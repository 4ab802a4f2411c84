"""Hubble captures to batches of Arrow tables, in the order of the sources, by one process or several."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

import pyarrow as pa
import pyarrow.compute as pc

from recommender.ingest.known_files import KnownFiles
from recommender.ingest.label_check import LabelCheck
from recommender.ingest.range_jobs import FileBegins, FileEnds, RangeJob, range_jobs
from recommender.ingest.range_reader import RangeReader
from recommender.ingest.rejects import record_batch
from recommender.ingest.tables import Tables
from recommender.ingest.worker_pool import WorkerPool
from recommender.model.decoded import DecodedBatch
from recommender.model.flow_schema import (
    ENDPOINT_SCHEMA,
    EVENT_SCHEMA,
    FLOW_SCHEMA,
    LABEL_SET_SCHEMA,
    REJECT_SCHEMA,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recommender.ingest.range_jobs import Step
    from recommender.ingest.range_reader import RangeOutcome
    from recommender.ingest.sources import Source
    from recommender.model.ingested_file import IngestedFile, TailReject

BEFORE_SHARING: Final = 24 * 2**20
"""Bytes of text that one process decodes before others are of use: they need half a second to start."""
_UNPACKED: Final = 8
"""A compressed capture holds about so many times its own size."""


def decode(sources: Iterable[Source], *, strict: bool = False, jobs: int = 1) -> Iterator[DecodedBatch]:
    """Every record of the sources as a flow, an event or a reject, in batches of at most about 50,000 flows.

    Memory is bounded whatever the files hold.

    Raises:
        SourceError: for a file that cannot be read, or is packed in a way that is not supported.
        HumanFormatError: for `compact`, `table` or `dict` output.
        FieldMaskError: at the end, if flows were found and none of them has labels at one of its ends.
        StrictError: at the first reject, if `strict`.
    """
    return CaptureReader(sources, strict=strict, jobs=jobs).batches()


class CaptureReader:
    """Some sources, to be read once."""

    def __init__(self, sources: Iterable[Source], *, strict: bool = False, jobs: int = 1) -> None:
        """With several `jobs`, as many processes decode; what they give does not depend on their number."""
        self._sources = tuple(sources)
        self._strict = strict
        self._jobs = 1 if strict else jobs

    def holds(self, files: Sequence[IngestedFile]) -> bool:
        """Whether each of these files is among the sources, unchanged or grown."""
        steps = range_jobs((source for source in self._sources if source.reopens), KnownFiles(files))
        found = [step.file for step in steps if isinstance(step, FileBegins)]
        return all(any(one is not None and one.continues(file) for one in found) for file in files)

    def batches(self, known: Iterable[IngestedFile] = ()) -> Iterator[DecodedBatch]:
        """Decode what is not known yet; see `decode`. Labels may be lacking in the few new lines of a grown file."""
        labels = LabelCheck()
        place = _Place()
        for batch in self._batches(range_jobs(self._sources, KnownFiles(known)), place):
            labels.see(batch)
            yield batch
        if not place.grown:
            labels.finish()

    def _batches(self, steps: Iterator[Step], place: _Place) -> Iterator[DecodedBatch]:
        if self._jobs == 1 or sum(source.size for source in self._sources) < BEFORE_SHARING // _UNPACKED:
            yield from self._alone(steps, place)
            return
        with WorkerPool(self._jobs) as pool:
            yield from self._alone(steps, place, until=BEFORE_SHARING)
            yield from _shared(steps, place, pool)

    def _alone(self, steps: Iterator[Step], place: _Place, *, until: float = float("inf")) -> Iterator[DecodedBatch]:
        tables = Tables(strict=self._strict)
        read = 0
        while read < until and (step := next(steps, None)) is not None:
            if isinstance(step, RangeJob):
                reader = RangeReader(file=step.name, tables=tables, continued=step.continued, lines_before=place.lines)
                yield from reader.batches(step.blocks())
                yield place.after(step, reader.outcome, tables.take())
                read += reader.outcome.whole.length + reader.outcome.tail.length
            else:
                yield from place.at(step)


def _shared(steps: Iterator[Step], place: _Place, pool: WorkerPool) -> Iterator[DecodedBatch]:
    for result in pool.results(steps):
        if isinstance(result.step, RangeJob):
            batches = [replace(batch, rejects=_moved(batch.rejects, place.lines)) for batch in result.batches]
            yield from batches[:-1]
            outcome = replace(result.outcome, tail_rejects=tuple(_moved_tail(result.outcome.tail_rejects, place.lines)))
            yield place.after(result.step, outcome, batches[-1])
        else:
            yield from place.at(result.step)


class _Place:
    """Where in the sources reading has come to."""

    def __init__(self) -> None:
        self.lines = 0
        """Of the present source, before the next range."""
        self.grown = False
        """Whether anything was read of a source of which an earlier ingest has read the beginning."""
        self._file: IngestedFile | None = None
        self._known = False

    def at(self, step: FileBegins | FileEnds) -> Iterator[DecodedBatch]:
        """What is to be told where a source begins or ends."""
        match step:
            case FileBegins():
                self._file, self.lines = step.file, step.file.lines if step.file else 0
                self._known = step.file is not None and bool(step.file.ranges)
                if step.known_bytes:
                    yield replace(_NOTHING, bytes_read=step.known_bytes, known_bytes=step.known_bytes)
            case FileEnds():
                if self._file is not None:
                    if step.packed is not None and step.packed not in self._file.packed:
                        self._file = replace(self._file, packed=(*self._file.packed, step.packed))
                    yield replace(_NOTHING, file=self._file)
                self._file = None
            case _:
                assert_never(step)

    def after(self, job: RangeJob, outcome: RangeOutcome, last: DecodedBatch) -> DecodedBatch:
        """The last batch of a range, with what is known of the file now."""
        self.lines += outcome.lines
        self.grown = self.grown or self._known
        if self._file is None:
            rejects = pa.concat_batches([last.rejects, _as_rejects(outcome.tail_rejects, job.name)])
            return replace(last, rejects=rejects, bytes_read=job.bytes_read)
        ranges = (*self._file.ranges, outcome.whole) if outcome.whole.length else self._file.ranges
        self._file = replace(self._file, ranges=ranges, tail=outcome.tail, tail_rejects=outcome.tail_rejects)
        return replace(last, file=self._file, bytes_read=job.bytes_read)


_NOTHING: Final = DecodedBatch(
    flows=record_batch((), FLOW_SCHEMA),
    endpoints=record_batch((), ENDPOINT_SCHEMA),
    label_sets=record_batch((), LABEL_SET_SCHEMA),
    events=record_batch((), EVENT_SCHEMA),
    rejects=record_batch((), REJECT_SCHEMA),
)


def _as_rejects(found: Iterable[TailReject], name: str) -> pa.RecordBatch:
    return record_batch([(one.reason, name, one.line, one.detail, one.first_bytes) for one in found], REJECT_SCHEMA)


def _moved(rejects: pa.RecordBatch, lines: int) -> pa.RecordBatch:
    """Rejects of a range with lines counted from the beginning of its file."""
    if not rejects.num_rows or not lines:
        return rejects
    place = REJECT_SCHEMA.get_field_index("line")
    return rejects.set_column(place, REJECT_SCHEMA.field(place), pc.add(rejects.column(place), lines))


def _moved_tail(rejects: Iterable[TailReject], lines: int) -> Iterator[TailReject]:
    return (replace(one, line=one.line + lines) for one in rejects)
