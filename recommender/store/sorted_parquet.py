"""The Parquet files of a dataset: sorted, zstd, row groups of one fixed size, and the declared Arrow schema."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from recommender.store.staging import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb

ROWS_PER_GROUP: Final = 131_072

SORT_KEYS: Final = {
    "flows": "time, event_id",
    "endpoints": "endpoint_id",
    "label_sets": "label_set_id",
    "events": "time, event_id",
    "rejects": "reason, file, line, detail, first_bytes",
}


def sorted_rows(connection: duckdb.DuckDBPyConnection, relation: str, *, table: str) -> Iterator[pa.Table]:
    """Give a relation's rows in the table's order and declared schema, in slices of one row group."""
    schema = SCHEMAS[table]
    query = f"SELECT {', '.join(schema.names)} FROM {relation} ORDER BY {SORT_KEYS[table]}"
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in connection.sql(query).to_arrow_reader(ROWS_PER_GROUP):
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= ROWS_PER_GROUP:
            whole = pa.Table.from_batches(waiting)
            yield whole.slice(0, ROWS_PER_GROUP).cast(schema)
            waiting = whole.slice(ROWS_PER_GROUP).to_batches()
            rows -= ROWS_PER_GROUP
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
    writer = pq.ParquetWriter(file, SCHEMAS[table], compression="zstd", write_page_index=True)
    with closing(writer):
        for chunk in sorted_rows(connection, relation, table=table):
            writer.write_table(chunk, row_group_size=ROWS_PER_GROUP)
            rows += chunk.num_rows
        if footer:
            writer.add_key_value_metadata(footer)
    return rows
