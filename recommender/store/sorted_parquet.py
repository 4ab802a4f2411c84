"""A relation of DuckDB as a sorted Parquet file."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from recommender.store import parquet_format
from recommender.store.parquet_format import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb

SORT_KEYS: Final = {
    "flows": "time, event_id",
    "endpoints": "endpoint_id",
    "label_sets": "label_set_id",
    "events": "time, event_id",
    "rejects": "reason, file, line, detail, first_bytes",
}


def sorted_rows(connection: duckdb.DuckDBPyConnection, relation: str, *, table: str) -> Iterator[pa.Table]:
    """Give a relation's rows in the table's order and declared schema, in slices of one row group."""
    schema, size = SCHEMAS[table], parquet_format.ROWS_PER_GROUP
    query = f"SELECT {', '.join(schema.names)} FROM {relation} ORDER BY {SORT_KEYS[table]}"
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in connection.sql(query).to_arrow_reader(size):
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= size:
            whole = pa.Table.from_batches(waiting)
            yield whole.slice(0, size).cast(schema)
            waiting = whole.slice(size).to_batches()
            rows -= size
    if rows:
        yield pa.Table.from_batches(waiting).cast(schema)


def write_sorted(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    file: Path,
    *,
    table: str,
    footer: Mapping[str, str] | None = None,
) -> int:
    """Write a relation to a Parquet file and count its rows.

    Args:
        connection: where the relation is.
        relation: its SQL name.
        file: where to write; not atomic.
        table: which schema and order.
        footer: key-value metadata.
    """
    rows = 0
    with closing(parquet_format.writer(file, table=table)) as writer:
        for chunk in sorted_rows(connection, relation, table=table):
            writer.write_table(chunk, row_group_size=parquet_format.ROWS_PER_GROUP)
            rows += chunk.num_rows
        if footer:
            writer.add_key_value_metadata(footer)
    return rows
