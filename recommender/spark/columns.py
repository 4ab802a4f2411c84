"""Arrow's columns and Spark's: what one of them has no type for.

Spark has no unsigned integers and no nanoseconds. As its own Parquet reader does, unsigned 64-bit ids become decimals,
and times become nanoseconds since the epoch.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

_ID: Final = pa.decimal128(20, 0)


def for_spark(table: pa.Table) -> pa.Table:
    """The table in types that Spark has."""
    return _cast(table, {field.name: _spark_type(field.type) for field in table.schema})


def from_spark(table: pa.Table) -> pa.Table:
    """What Spark gave, with whole numbers as such."""
    return _cast(table, {field.name: pa.uint64() if field.type == _ID else field.type for field in table.schema})


def _spark_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_uint64(kind):
        return _ID
    return pa.int64() if pa.types.is_timestamp(kind) else kind


def _cast(table: pa.Table, types: dict[str, pa.DataType]) -> pa.Table:
    columns = [
        column if column.type == kind else column.cast(kind)
        for column, kind in zip(table.columns, types.values(), strict=True)
    ]
    return pa.Table.from_arrays(columns, names=table.column_names)
