"""Query results as plain records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine


def fetch_records(connection: SqlEngine, query: str) -> list[dict[str, Any]]:
    """All rows of a small result as dictionaries by column name."""
    relation = connection.sql(query)
    return list(relation.to_arrow_table().to_pylist()) if relation else []
