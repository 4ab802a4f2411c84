"""What an ingest adds: staged rows less repeats, less what the selection leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.model.flow_schema import FLOW_COLUMNS, TABLES
from recommender.store.end_conditions import SideTables
from recommender.store.selection import flow_predicate, time_predicate
from recommender.store.sorted_parquet import write_sorted
from recommender.store.sql_text import parquet_scan

if TYPE_CHECKING:
    import duckdb

    from recommender.model.selection import Selection
    from recommender.store.staging import Staged


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFlows:
    """How the staged flow records divide."""

    new: int
    repeats: int
    deselected: int


_EVERY_FLOW_COLUMN = ", ".join(column.name for column in FLOW_COLUMNS)

# Of records with one event_id the choice depends on their content only, never on the order in which they were read.
_FIRST_MET = f"""
CREATE TABLE first_met AS
SELECT event_id, arg_min(file_row_number, content) AS file_row_number
FROM (SELECT event_id, file_row_number, hash({_EVERY_FLOW_COLUMN}) AS content FROM staged_flows)
ANTI JOIN stored_flows USING (event_id)
GROUP BY event_id
"""

_KNOWN_ENDPOINTS = """
CREATE VIEW known_endpoints AS
SELECT * FROM stored_endpoints UNION SELECT * FROM staged_endpoints
"""

_KNOWN_LABEL_SETS = """
CREATE VIEW known_label_sets AS
SELECT * FROM stored_label_sets UNION SELECT * FROM staged_label_sets
"""

# Side tables hold what the stored flows refer to: what a selection leaves out leaves no names behind.
_NEW_ENDPOINTS = """
CREATE TABLE new_endpoints AS
SELECT DISTINCT ON (endpoint_id) * FROM staged_endpoints
ANTI JOIN stored_endpoints USING (endpoint_id)
WHERE endpoint_id IN (
    SELECT source_endpoint FROM new_flows WHERE source_endpoint IS NOT NULL
    UNION SELECT destination_endpoint FROM new_flows WHERE destination_endpoint IS NOT NULL
)
ORDER BY endpoint_id
"""

_NEW_LABEL_SETS = """
CREATE TABLE new_label_sets AS
SELECT DISTINCT ON (label_set_id) * FROM staged_label_sets
ANTI JOIN stored_label_sets USING (label_set_id)
WHERE label_set_id IN (SELECT label_set_id FROM new_endpoints WHERE label_set_id IS NOT NULL)
ORDER BY label_set_id
"""


def find_new_rows(connection: duckdb.DuckDBPyConnection, staged: Staged, *, selection: Selection) -> NewFlows:
    """Make the relations `new_flows` … `new_rejects` out of the staged files and the relations `stored_…`.

    The new flows are written, sorted, to `new_flows.parquet` beside the staged files.

    Raises:
        UsageError: the selection cannot be read.
    """
    for table in TABLES:
        scan = parquet_scan([staged.file(table)], row_numbers=table == "flows")
        connection.execute(f"CREATE VIEW staged_{table} AS SELECT * FROM {scan}")
    for statement in (_FIRST_MET, _KNOWN_ENDPOINTS, _KNOWN_LABEL_SETS):
        connection.execute(statement)
    newest = _newest(connection)
    connection.execute(_selected_flows(selection, newest=newest))
    part = staged.file("new_flows")
    new = write_sorted(connection, "selected_flows", part, table="flows")
    connection.execute(f"CREATE VIEW new_flows AS SELECT * FROM {parquet_scan([part])}")
    connection.execute(_NEW_ENDPOINTS)
    connection.execute(_NEW_LABEL_SETS)
    connection.execute(_new_events(selection, newest=newest))
    columns = ", ".join(column.name for column in TABLES["rejects"])
    connection.execute(
        "CREATE TABLE new_rejects AS SELECT * FROM staged_rejects EXCEPT SELECT * FROM stored_rejects"
        f" ORDER BY {columns}"
    )
    (distinct,) = _row(connection, "SELECT count(*) FROM first_met")
    return NewFlows(new=new, repeats=staged.records - distinct, deselected=distinct - new)


def _newest(connection: duckdb.DuckDBPyConnection) -> int:
    (newest,) = _row(
        connection,
        "SELECT coalesce(max(newest), 0) FROM (SELECT max(epoch_ns(time)) AS newest FROM staged_flows"
        " UNION ALL SELECT max(epoch_ns(time)) FROM stored_flows)",
    )
    return newest


def _selected_flows(selection: Selection, *, newest: int) -> str:
    tables = SideTables(endpoints="known_endpoints", label_sets="known_label_sets")
    predicate = flow_predicate(selection, newest=newest, tables=tables)
    return (
        f"CREATE VIEW selected_flows AS SELECT {_EVERY_FLOW_COLUMN} FROM staged_flows"
        f" WHERE file_row_number IN (SELECT file_row_number FROM first_met) AND {predicate}"
    )


def _new_events(selection: Selection, *, newest: int) -> str:
    return (
        "CREATE TABLE new_events AS SELECT DISTINCT ON (event_id) * FROM staged_events"
        " ANTI JOIN stored_events USING (event_id)"
        f" WHERE time IS NULL OR {time_predicate(selection, newest=newest)} ORDER BY event_id"
    )


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None, query  # noqa: S101 -- an aggregate without GROUP BY always gives one row
    return tuple(row)
