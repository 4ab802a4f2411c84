"""The record of a dataset after an ingest: that of before, and what is added. No stored row is read for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.flow_schema import TABLES
from recommender.store.content_digest import ID_COLUMNS, RowsDigest, rows_digest
from recommender.store.dataset_record import DatasetRecord
from recommender.store.ingest_counts import count_flows
from recommender.store.staging import SIDE_TABLES
from recommender.store.stored_captures import captures_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from recommender.model.ingested_file import IngestedFile
    from recommender.model.selection import Selection
    from recommender.store.dataset import FlowDataset
    from recommender.store.new_flows import NewFlows

_NOTHING = DatasetRecord(
    parts=(),
    rows=dict.fromkeys(TABLES, 0),
    first_seen=0,
    last_seen=0,
    nodes=(),
    repeats=0,
    verdict_flows=0,
    digests=dict.fromkeys(TABLES, RowsDigest()),
)


def record_after(
    connection: duckdb.DuckDBPyConnection,
    dataset: FlowDataset | None,
    found: NewFlows,
    *,
    files: Iterable[IngestedFile],
    selection: Selection,
) -> DatasetRecord:
    """The record once `found` and the relations `new_…` are added; its parts are still those of before.

    Args:
        connection: where the relations `stored_…` and `new_…` are.
        dataset: as it was; None for a new one.
        found: flows to add.
        files: what was read.
        selection: under which.
    """
    before = _NOTHING if dataset is None else dataset.record
    digests = _NOTHING.digests if dataset is None else dataset.digests()
    verdict_flows = before.verdict_flows
    if verdict_flows is None:  # An earlier release did not count them.
        verdict_flows = count_flows(connection, "stored_flows").verdict_flows
    counts = count_flows(connection, "new_flows")
    first_seen = [record.first_seen for record in (before, counts) if record.last_seen]
    return DatasetRecord(
        parts=before.parts,
        rows={table: before.rows[table] + rows for table, rows in _new_rows(connection, found).items()},
        first_seen=min(first_seen, default=0),
        last_seen=max(before.last_seen, counts.last_seen),
        nodes=tuple(sorted({*before.nodes, *counts.nodes})),
        repeats=before.repeats + found.repeats,
        selected=before.selected or (found.deselected > 0 and bool(selection.wanted or selection.unwanted)),
        captures=captures_after(before.captures, files, selection),
        verdict_flows=verdict_flows + counts.verdict_flows,
        digests=_digests(connection, digests or {}, found),
    )


def _new_rows(connection: duckdb.DuckDBPyConnection, found: NewFlows) -> dict[str, int]:
    rows = {"flows": found.rows}
    for table in SIDE_TABLES:
        ((rows[table],),) = connection.execute(f"SELECT count(*) FROM new_{table}").fetchall()
    return rows


def _digests(
    connection: duckdb.DuckDBPyConnection, before: Mapping[str, RowsDigest], found: NewFlows
) -> dict[str, RowsDigest]:
    after = {"flows": sum((part.digest for part in found.parts), start=before["flows"])}
    for table in SIDE_TABLES:
        new = RowsDigest()
        if table in ID_COLUMNS:
            columns = "event_id, kind" if table == "events" else ID_COLUMNS[table]
            new = rows_digest(connection.sql(f"SELECT {columns} FROM new_{table}").to_arrow_table(), table=table)
        after[table] = before[table] + new
    return after
