"""Decoded batches on disk, as they came: repeats are removed afterwards, in bounded memory."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq

from recommender.model.flow_schema import (
    ENDPOINT_SCHEMA,
    EVENT_SCHEMA,
    FLOW_SCHEMA,
    LABEL_SET_SCHEMA,
    REJECT_SCHEMA,
)
from recommender.store.durable import store_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pyarrow as pa

    from recommender.model.decoded import DecodedBatch

SCHEMAS: Final[Mapping[str, pa.Schema]] = MappingProxyType(
    {
        "flows": FLOW_SCHEMA,
        "endpoints": ENDPOINT_SCHEMA,
        "label_sets": LABEL_SET_SCHEMA,
        "events": EVENT_SCHEMA,
        "rejects": REJECT_SCHEMA,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What the batches held; table by table in `<folder>/<table>.parquet`."""

    folder: Path
    records: int
    """Flow records, repeats among them."""
    bytes_read: int

    def file(self, table: str) -> Path:
        """Path of a staged table."""
        return staged_file(self.folder, table)


def staged_file(folder: Path, table: str) -> Path:
    """Path of a staged table."""
    return folder / f"{table}.parquet"


def stage(
    batches: Iterable[DecodedBatch], folder: Path, *, on_batch: Callable[[DecodedBatch], None] | None = None
) -> Staged:
    """Write every batch to the folder and count."""
    records = bytes_read = 0
    with ExitStack() as stack:
        writers = {
            table: stack.enter_context(pq.ParquetWriter(staged_file(folder, table), schema, compression="lz4"))
            for table, schema in SCHEMAS.items()
        }
        for batch in batches:
            for table, writer in writers.items():
                rows: pa.RecordBatch = getattr(batch, table)
                if rows.num_rows:
                    with store_errors(folder, "writing decoded flows"):
                        writer.write_batch(rows)
            records += batch.flows.num_rows
            bytes_read += batch.bytes_read
            if on_batch is not None:
                on_batch(batch)
    return Staged(folder=folder, records=records, bytes_read=bytes_read)
