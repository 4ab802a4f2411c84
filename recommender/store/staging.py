"""Decoded batches on disk, with checkpoints from which an ingest that was killed goes on."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import pyarrow.parquet as pq

from recommender.store import flow_parts, parquet_format
from recommender.store.durable import store_errors, sync
from recommender.store.flow_parts import FlowPart, FlowParts
from recommender.store.journal import Checkpoint, StagedPart, keep_only, read_checkpoint, write_checkpoint
from recommender.store.parquet_format import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from recommender.model.decoded import DecodedBatch
    from recommender.model.ingested_file import IngestedFile

SIDE_TABLES: Final = tuple(table for table in SCHEMAS if table != "flows")


class FlowReader(Protocol):
    """Gives decoded flows, range by range of its files."""

    def holds(self, files: Sequence[IngestedFile]) -> bool:
        """Whether each of these files is among its own, unchanged or grown."""

    def batches(self, known: Iterable[IngestedFile]) -> Iterator[DecodedBatch]:
        """Decode what these files do not hold yet."""


@dataclass(slots=True, kw_only=True)
class Staged:
    """What the batches held: parts of flows, and files of each side table, all in one folder."""

    folder: Path
    parts: list[FlowPart] = field(default_factory=list)
    side_files: dict[str, list[Path]] = field(default_factory=lambda: {table: [] for table in SIDE_TABLES})
    files: dict[str, IngestedFile] = field(default_factory=dict)
    """How much of each source was read, by its name."""
    records: int = 0
    """Flow records, repeats among them."""
    bytes_read: int = 0
    known_bytes: int = 0
    """Bytes among them that were not decoded again."""

    @property
    def repeats(self) -> int:
        """Records that are left out already, being equal to one beside them."""
        return self.records - sum(part.rows for part in self.parts)

    @property
    def newest(self) -> int:
        """Time of the newest flow; 0 without flows."""
        return max((part.last_seen for part in self.parts), default=0)


def stage(
    reader: FlowReader,
    folder: Path,
    *,
    known: Sequence[IngestedFile] = (),
    on_batch: Callable[[DecodedBatch], None] | None = None,
) -> Staged:
    """Write everything that the reader gives to the folder, from the last checkpoint on if there is one."""
    with store_errors(folder, "going on with the ingest"):
        checkpoint = read_checkpoint(folder)
        if checkpoint is not None and not reader.holds(checkpoint.files):
            checkpoint = None
        keep_only(folder, checkpoint)
        staged = Staged(folder=folder) if checkpoint is None else _gone_on_with(folder, checkpoint)
    with closing(_Writers(staged)) as writers:
        for batch in reader.batches([*staged.files.values(), *known]):
            with store_errors(folder, "writing decoded flows"):
                writers.write(batch)
            if on_batch is not None:
                on_batch(batch)
        with store_errors(folder, "writing decoded flows"):
            writers.finish()
    return staged


def _gone_on_with(folder: Path, checkpoint: Checkpoint) -> Staged:
    return Staged(
        folder=folder,
        parts=[
            FlowPart(
                file=folder / part.file,
                rows=part.rows,
                first_seen=part.first_seen,
                last_seen=part.last_seen,
                digest=part.digest,
            )
            for part in checkpoint.parts
        ],
        side_files={table: [folder / name for name in checkpoint.side_files[table]] for table in SIDE_TABLES},
        files={file.name: file for file in checkpoint.files},
        records=checkpoint.records,
        bytes_read=checkpoint.bytes_read,
    )


class _Writers:
    """Writes batches, and checkpoints where enough was written and reading could go on."""

    def __init__(self, staged: Staged) -> None:
        self._staged = staged
        self._flows = FlowParts(staged.folder, number=len(staged.parts))
        self._side: dict[str, pq.ParquetWriter] = {}
        self._side_paths: dict[str, Path] = {}

    def write(self, batch: DecodedBatch) -> None:
        """Write and count one batch."""
        staged = self._staged
        self._flows.add(batch.flows)
        for table in SIDE_TABLES:
            rows: pa.RecordBatch = getattr(batch, table)
            if rows.num_rows:
                self._writer(table).write_batch(rows)
        staged.records += batch.flows.num_rows
        staged.bytes_read += batch.bytes_read
        staged.known_bytes += batch.known_bytes
        if batch.file is not None:
            staged.files[batch.file.name] = batch.file
            if self._flows.unfinished_rows >= flow_parts.GROUPS_A_PART * parquet_format.ROWS_PER_GROUP:
                self._end_files()
                write_checkpoint(staged.folder, _checkpoint(staged))

    def finish(self) -> None:
        """Write the rest; each side table has at least one file then."""
        for table in SIDE_TABLES:
            if not self._staged.side_files[table]:
                self._writer(table)
        self._end_files()

    def close(self) -> None:
        """Let go of the files that are open; what they hold does not count."""
        self._flows.close()
        for writer in self._side.values():
            writer.close()

    def _writer(self, table: str) -> pq.ParquetWriter:
        if table not in self._side:
            path = self._staged.folder / f"{table}-{len(self._staged.side_files[table]):06}.parquet"
            self._side[table] = pq.ParquetWriter(path, SCHEMAS[table], compression="lz4")
            self._side_paths[table] = path
        return self._side[table]

    def _end_files(self) -> None:
        self._staged.parts += self._flows.finish()
        for table, writer in self._side.items():
            writer.close()
            self._staged.side_files[table].append(self._side_paths[table])
        self._side.clear()


def _checkpoint(staged: Staged) -> Checkpoint:
    for file in (staged.parts[-1].file, *(files[-1] for files in staged.side_files.values() if files)):
        sync(file)
    return Checkpoint(
        files=tuple(staged.files.values()),
        parts=tuple(
            StagedPart(
                file=part.file.name,
                rows=part.rows,
                first_seen=part.first_seen,
                last_seen=part.last_seen,
                digest=part.digest,
            )
            for part in staged.parts
        ),
        side_files={table: [file.name for file in files] for table, files in staged.side_files.items()},
        records=staged.records,
        bytes_read=staged.bytes_read,
    )
