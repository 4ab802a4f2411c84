"""Ingest into a dataset: stage, remove repeats, commit in one step.

Killed at any moment, an ingest leaves the dataset as it was before, or as it is after; never between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from recommender.model.flow_schema import TABLES
from recommender.model.ingest_summary import IngestSummary
from recommender.store import directory
from recommender.store.dataset import FlowDataset
from recommender.store.durable import store_errors
from recommender.store.ingest_counts import count_other_records, count_rejects
from recommender.store.new_flows import StoredFlows
from recommender.store.new_rows import find_new_rows
from recommender.store.parquet_format import SCHEMAS
from recommender.store.record_after import record_after
from recommender.store.selection import check_selection
from recommender.store.single_file import write_single_file
from recommender.store.staging import stage
from recommender.store.stored_captures import known_files, unfinished_ends
from recommender.store.workspace import stored_record, workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from recommender.model.decoded import DecodedBatch
    from recommender.model.ingested_file import IngestedFile, TailReject
    from recommender.model.selection import Selection
    from recommender.store.dataset_record import DatasetRecord, StoredCapture
    from recommender.store.new_flows import NewFlows
    from recommender.store.staging import FlowReader, Staged

MEMORY_LIMIT = "256MB"


def write_flows(
    batches: Iterable[DecodedBatch],
    path: Path,
    *,
    selection: Selection,
    single_file: bool = False,
    on_batch: Callable[[DecodedBatch], None] | None = None,
    memory_limit: str = MEMORY_LIMIT,
) -> IngestSummary:
    """Add decoded flows to a dataset; see `ingest_flows`."""
    return ingest_flows(
        _Given(batches),
        path,
        selection=selection,
        single_file=single_file,
        on_batch=on_batch,
        memory_limit=memory_limit,
    )


def ingest_flows(
    reader: FlowReader,
    path: Path,
    *,
    selection: Selection,
    single_file: bool = False,
    on_batch: Callable[[DecodedBatch], None] | None = None,
    memory_limit: str = MEMORY_LIMIT,
) -> IngestSummary:
    """Add what the reader gives to the dataset at the path, which is made if it is absent.

    Files, or the beginnings of files, that are in the dataset already are not decoded again. Rows whose id is stored
    already add nothing, so overlapping captures give the dataset that one capture gives, and an ingest that adds
    nothing leaves every byte as it was. Where records with one `event_id` differ, the stored one stays. An ingest that
    was killed goes on where it was, if it is given the same files.

    Args:
        reader: decodes; read once.
        path: a folder, or with `single_file` a file.
        selection: flows to keep; its durations count back from the newest flow, stored or read.
        single_file: write one Parquet file with the side tables in its footer.
        on_batch: called after each batch is staged.
        memory_limit: what DuckDB may use before it spills to the dataset's own folder, such as `256MB`.

    Returns:
        Counts of this ingest; window, nodes, losses and verdicts are those of the dataset after it.

    Raises:
        StoreError: the path holds something else, or another ingest is writing to it, or disk or memory fail.
        UsageError: the selection cannot be read.
    """
    check_selection(selection)
    whole = path.resolve()
    with workspace(whole, single_file=single_file) as staging:
        before = _stored(whole, single_file=single_file)
        known = known_files(before.record.captures, selection) if before else ()
        staged = stage(reader, staging, known=known, on_batch=on_batch)
        with store_errors(path, "writing the dataset"), _engine(staging, memory_limit) as connection:
            _make_stored_views(connection, before)
            found = find_new_rows(connection, staged, _stored_flows(before), selection=selection)
            for table in TABLES:
                connection.execute(
                    f"CREATE VIEW all_{table} AS SELECT * FROM stored_{table} UNION ALL SELECT * FROM new_{table}"
                )
            record = record_after(connection, before, found, files=staged.files.values(), selection=selection)
            summary = _summary(connection, staged, found, record)
            if before is not None and not _adds(before.record, record):
                pass  # Nothing changes: not the files and not what a report says of them.
            elif single_file:
                write_single_file(connection, whole, temporary=staging / "dataset.parquet", record=record)
            else:
                directory.commit(connection, whole, staging=staging, record=record, flows=found.parts)
    return summary


class _Given:
    """Batches that come from no files that could be recognised."""

    def __init__(self, batches: Iterable[DecodedBatch]) -> None:
        self._batches = batches

    def holds(self, files: Sequence[IngestedFile]) -> bool:  # noqa: ARG002 - a reader's interface
        return False

    def batches(self, known: Iterable[IngestedFile]) -> Iterator[DecodedBatch]:  # noqa: ARG002 - as above
        return iter(self._batches)


def _adds(before: DatasetRecord, after: DatasetRecord) -> bool:
    """Whether anything of the dataset differs; that another file was met whose rows are all there is nothing."""
    ends = [{one for capture in record.captures for one in _ends(capture)} for record in (before, after)]
    return before.rows != after.rows or before.selected != after.selected or ends[0] != ends[1]


def _ends(capture: StoredCapture) -> Iterator[tuple[str, TailReject]]:
    return ((capture.file.name, one) for one in capture.file.tail_rejects)


def _stored(path: Path, *, single_file: bool) -> FlowDataset | None:
    record = stored_record(path, single_file=single_file)
    return None if record is None else FlowDataset(path=path, record=record)


def _stored_flows(before: FlowDataset | None) -> StoredFlows:
    if before is None:
        return StoredFlows()
    return StoredFlows(files=tuple(before.flow_files), rows=before.total_flows, newest=before.record.last_seen)


def _engine(staging: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    spill = staging / "spill"
    spill.mkdir()
    return duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )


def _make_stored_views(connection: duckdb.DuckDBPyConnection, before: FlowDataset | None) -> None:
    if before is not None:
        before.register_stored(connection)
        return
    for table, schema in SCHEMAS.items():
        connection.register("no_rows", schema.empty_table())
        connection.execute(f"CREATE TABLE stored_{table} AS SELECT * FROM no_rows")
        connection.unregister("no_rows")


def _summary(
    connection: duckdb.DuckDBPyConnection, staged: Staged, found: NewFlows, record: DatasetRecord
) -> IngestSummary:
    lost_events, other_records = count_other_records(connection)
    connection.register("unfinished_ends", unfinished_ends(staged.files.values()))
    return IngestSummary(
        records=staged.records,
        new_flows=found.rows,
        repeats=found.repeats,
        deselected=found.deselected,
        total_flows=record.rows["flows"],
        first_seen=record.first_seen,
        last_seen=record.last_seen,
        nodes=record.nodes,
        lost_events=lost_events,
        other_records=other_records,
        rejects=count_rejects(connection),
        verdict_flows=record.verdict_flows or 0,
        bytes_read=staged.bytes_read,
        known_bytes=staged.known_bytes,
    )
