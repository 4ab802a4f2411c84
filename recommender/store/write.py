"""Ingest into a dataset: stage, remove repeats, commit in one step.

Killed at any moment, an ingest leaves the dataset as it was before, or as it is after; never between.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from recommender.model.flow_schema import TABLES
from recommender.model.ingest_summary import IngestSummary
from recommender.store import directory
from recommender.store.dataset import FlowDataset
from recommender.store.dataset_record import DatasetRecord
from recommender.store.durable import store_errors
from recommender.store.ingest_counts import count_dataset, count_rejects
from recommender.store.new_rows import find_new_rows
from recommender.store.selection import check_selection
from recommender.store.single_file import write_single_file
from recommender.store.staging import SCHEMAS, stage
from recommender.store.workspace import stored_record, workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from recommender.model.capture import RejectCount
    from recommender.model.decoded import DecodedBatch
    from recommender.model.selection import Selection
    from recommender.store.ingest_counts import DatasetCounts
    from recommender.store.new_rows import NewFlows
    from recommender.store.staging import Staged

MEMORY_LIMIT = "2GB"


def write_flows(
    batches: Iterable[DecodedBatch],
    path: Path,
    *,
    selection: Selection,
    single_file: bool = False,
    on_batch: Callable[[DecodedBatch], None] | None = None,
    memory_limit: str = MEMORY_LIMIT,
) -> IngestSummary:
    """Add decoded flows to the dataset at the path, which is made if it is absent.

    Rows whose id is stored already add nothing, so overlapping captures give the dataset that one capture gives, and a
    capture that is ingested again leaves every byte as it was. Where records with one `event_id` differ, the stored one
    stays.

    Args:
        batches: decoded flows; consumed once.
        path: a folder, or with `single_file` a file.
        selection: flows to keep; its durations count back from the newest flow, stored or read.
        single_file: write one Parquet file with the side tables in its footer.
        on_batch: called after each batch is staged.
        memory_limit: what DuckDB may use before it spills to the dataset's own folder, such as `2GB`.

    Returns:
        Counts of this ingest; window, nodes, losses and verdicts are those of the dataset after it.

    Raises:
        StoreError: the path holds something else, or another ingest is writing to it, or the disk fails.
        UsageError: the selection cannot be read.
    """
    check_selection(selection)
    whole = path.resolve()
    with workspace(whole, single_file=single_file) as staging:
        record = stored_record(whole, single_file=single_file)
        staged = stage(batches, staging, on_batch=on_batch)
        with store_errors(path, "writing the dataset"), _engine(staging, memory_limit) as connection:
            _make_stored_views(connection, whole, record)
            found = find_new_rows(connection, staged, selection=selection)
            _make_all_views(connection)
            counts = count_dataset(connection)
            rejects = count_rejects(connection)
            selected = found.deselected > 0 and bool(selection.wanted or selection.unwanted)
            complete = _record_after(connection, record, counts, repeats=found.repeats, selected=selected)
            if record is not None and replace(complete, repeats=record.repeats) == record:
                pass  # Nothing was added, so nothing changes: not the files and not what a report says of them.
            elif single_file:
                write_single_file(connection, whole, temporary=staging / "dataset.parquet", record=complete)
            else:
                directory.commit(connection, whole, staging=staging, record=complete)
    return _summary(staged, found, counts, rejects)


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


def _make_stored_views(connection: duckdb.DuckDBPyConnection, path: Path, record: DatasetRecord | None) -> None:
    if record is not None:
        FlowDataset(path=path, record=record).register_stored(connection)
        return
    for table, schema in SCHEMAS.items():
        connection.register("no_rows", schema.empty_table())
        connection.execute(f"CREATE TABLE stored_{table} AS SELECT * FROM no_rows")
        connection.unregister("no_rows")


def _make_all_views(connection: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        connection.execute(
            f"CREATE VIEW all_{table} AS SELECT * FROM stored_{table} UNION ALL SELECT * FROM new_{table}"
        )


def _record_after(
    connection: duckdb.DuckDBPyConnection,
    before: DatasetRecord | None,
    counts: DatasetCounts,
    *,
    repeats: int,
    selected: bool,
) -> DatasetRecord:
    rows = {}
    for table in TABLES:
        ((rows[table],),) = connection.execute(f"SELECT count(*) FROM all_{table}").fetchall()
    return DatasetRecord(
        parts=before.parts if before else (),
        rows=rows,
        first_seen=counts.first_seen,
        last_seen=counts.last_seen,
        nodes=counts.nodes,
        repeats=repeats + (before.repeats if before else 0),
        selected=selected or (before is not None and before.selected),
    )


def _summary(staged: Staged, found: NewFlows, counts: DatasetCounts, rejects: tuple[RejectCount, ...]) -> IngestSummary:
    return IngestSummary(
        records=staged.records,
        new_flows=found.new,
        repeats=found.repeats,
        deselected=found.deselected,
        total_flows=counts.flows,
        first_seen=counts.first_seen,
        last_seen=counts.last_seen,
        nodes=counts.nodes,
        lost_events=counts.lost_events,
        other_records=counts.other_records,
        rejects=rejects,
        verdict_flows=counts.verdict_flows,
        bytes_read=staged.bytes_read,
    )
