"""How the Parquet files of a dataset are written: zstd, row groups of one fixed size, the declared Arrow schema."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from recommender.model.flow_schema import (
    ENDPOINT_SCHEMA,
    EVENT_SCHEMA,
    FLOW_SCHEMA,
    LABEL_SET_SCHEMA,
    REJECT_SCHEMA,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMAS: Final[Mapping[str, pa.Schema]] = MappingProxyType(
    {
        "flows": FLOW_SCHEMA,
        "endpoints": ENDPOINT_SCHEMA,
        "label_sets": LABEL_SET_SCHEMA,
        "events": EVENT_SCHEMA,
        "rejects": REJECT_SCHEMA,
    }
)
ROWS_PER_GROUP: Final = 131_072
_UNIQUE: Final = frozenset({"event_id", "uuid", "time"})
"""Columns in which nearly every value is its own: a dictionary of them is time wasted."""


def writer(file: Path, *, table: str) -> pq.ParquetWriter:
    """A writer for one part of a table; the caller closes it."""
    schema = SCHEMAS[table]
    return pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        use_dictionary=[_leaf(field) for field in schema if field.name not in _UNIQUE],
        write_page_index=True,
    )


def _leaf(field: pa.Field) -> str:
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name
