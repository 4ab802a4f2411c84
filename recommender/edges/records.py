"""Query results as plain records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.sql_engine import SqlEngine


def fetch_records(connection: SqlEngine, query: str) -> list[dict[str, Any]]:
    """All rows of a small result as dictionaries by column name."""
    relation = connection.sql(query)
    return list(relation.to_arrow_table().to_pylist()) if relation else []


def read_uuids(connection: SqlEngine, event_ids: Iterable[int]) -> dict[int, str]:
    """Hubble's own ids of these flows, as far as they have some."""
    connection.register("asked_events", pa.table({"event_id": pa.array(sorted({*map(int, event_ids)}), pa.uint64())}))
    query = "SELECT f.event_id, f.uuid FROM flows f JOIN asked_events USING (event_id) WHERE f.uuid IS NOT NULL"
    found = {int(event_id): uuid for event_id, uuid in connection.execute(query).fetchall()}
    connection.unregister("asked_events")
    return found
