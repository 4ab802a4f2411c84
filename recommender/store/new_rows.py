"""What an ingest adds to the side tables: staged rows that are not stored yet and that belong to the new flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.flow_schema import TABLES
from recommender.store.new_flows import find_new_flows
from recommender.store.parquet_format import SCHEMAS
from recommender.store.selection import time_predicate
from recommender.store.sql_text import parquet_scan
from recommender.store.staging import SIDE_TABLES

if TYPE_CHECKING:
    import duckdb

    from recommender.model.selection import Selection
    from recommender.store.new_flows import NewFlows, StoredFlows
    from recommender.store.staging import Staged


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


def find_new_rows(
    connection: duckdb.DuckDBPyConnection, staged: Staged, stored: StoredFlows, *, selection: Selection
) -> NewFlows:
    """Make the relations `new_flows` … `new_rejects` out of the staged files and the relations `stored_…`.

    Raises:
        UsageError: the selection cannot be read.
    """
    for table in SIDE_TABLES:
        connection.execute(f"CREATE VIEW staged_{table} AS SELECT * FROM {parquet_scan(staged.side_files[table])}")
    for statement in (_KNOWN_ENDPOINTS, _KNOWN_LABEL_SETS):
        connection.execute(statement)
    found = find_new_flows(connection, staged, stored, selection=selection)
    _make_new_flows_view(connection, found)
    connection.execute(_NEW_ENDPOINTS)
    connection.execute(_NEW_LABEL_SETS)
    connection.execute(_new_events(selection, newest=max(staged.newest, stored.newest)))
    columns = ", ".join(column.name for column in TABLES["rejects"])
    connection.execute(
        "CREATE TABLE new_rejects AS SELECT * FROM staged_rejects EXCEPT SELECT * FROM stored_rejects"
        f" ORDER BY {columns}"
    )
    return found


def _make_new_flows_view(connection: duckdb.DuckDBPyConnection, found: NewFlows) -> None:
    if found.parts:
        scan = parquet_scan([part.file for part in found.parts])
        connection.execute(f"CREATE VIEW new_flows AS SELECT * FROM {scan}")
    else:
        connection.register("no_new_flows", SCHEMAS["flows"].empty_table())
        connection.execute("CREATE VIEW new_flows AS SELECT * FROM no_new_flows")


def _new_events(selection: Selection, *, newest: int) -> str:
    return (
        "CREATE TABLE new_events AS SELECT DISTINCT ON (event_id) * FROM staged_events"
        " ANTI JOIN stored_events USING (event_id)"
        f" WHERE time IS NULL OR {time_predicate(selection, newest=newest)} ORDER BY event_id"
    )
