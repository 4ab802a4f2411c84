"""A digest of what a dataset holds, whatever the order of its rows and the files that they lie in.

Each part carries the sums of its rows' hashes; those of a dataset are added up, so that no row is read for it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recommender.model.flow_schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    Words = npt.NDArray[np.uint64]

_MASK: Final = 2**64 - 1
_FLOW_COLUMNS: Final = ("event_id", "source_endpoint", "destination_endpoint", "time", "events")
_ABSENT: Final = {"source_endpoint": 1, "destination_endpoint": 2}
ID_COLUMNS: Final = {"endpoints": "endpoint_id", "label_sets": "label_set_id", "events": "event_id"}
"""Side tables that the digest covers, by the column that names their rows by content."""

# Rows of kind agent_log count the lines of one file, repeats included: they tell how a capture was cut into files.
_NOT_OBSERVED: Final = "agent_log"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsDigest:
    """Rows as a multiset: how many, and the sum and the exclusive or of their 64-bit hashes."""

    rows: int = 0
    total: int = 0
    """Modulo 2**64."""
    parity: int = 0

    def __add__(self, other: RowsDigest) -> RowsDigest:
        """Of the rows of both."""
        return RowsDigest(
            rows=self.rows + other.rows, total=(self.total + other.total) & _MASK, parity=self.parity ^ other.parity
        )

    def to_text(self) -> str:
        """For the record."""
        return f"{self.rows}-{self.total:016x}-{self.parity:016x}"

    @classmethod
    def from_text(cls, text: str) -> RowsDigest:
        """Read what `to_text` wrote."""
        rows, total, parity = text.split("-")
        return cls(rows=int(rows), total=int(total, 16), parity=int(parity, 16))


def rows_digest(rows: pa.Table | pa.RecordBatch, *, table: str) -> RowsDigest:
    """Of some rows of a table; rejects have none: they tell of the files read, not of what was observed."""
    if table == "flows":
        hashes = np.zeros(rows.num_rows, np.uint64)
        for name in _FLOW_COLUMNS:
            hashes = _mixed(hashes ^ _words(rows.column(name), absent=_ABSENT.get(name, 0)))
    elif table in ID_COLUMNS:
        observed = rows.filter(pc.not_equal(rows.column("kind"), _NOT_OBSERVED)) if table == "events" else rows
        hashes = _mixed(_words(observed.column(ID_COLUMNS[table]), absent=0))
    else:
        return RowsDigest()
    return RowsDigest(
        rows=len(hashes), total=int(np.add.reduce(hashes)), parity=int(np.bitwise_xor.reduce(hashes, initial=0))
    )


def file_digest(file: Path, *, table: str) -> RowsDigest:
    """Of a part that an earlier release wrote without one."""
    columns = {"flows": list(_FLOW_COLUMNS), "events": ["event_id", "kind"]}.get(table)
    if columns is None:
        columns = [ID_COLUMNS[table]] if table in ID_COLUMNS else []
    found = RowsDigest()
    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(columns=columns):
            found += rows_digest(batch, table=table)
    return found


def content_digest(digests: Mapping[str, RowsDigest]) -> str:
    """Thirty-two hex digits of a dataset, from the digests of its tables."""
    text = "\n".join((str(SCHEMA_VERSION), *(f"{name} {digests[name].to_text()}" for name in ("flows", *ID_COLUMNS))))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _words(column: pa.ChunkedArray | pa.Array, *, absent: int) -> Words:
    if column.null_count:
        column = pc.fill_null(column, pa.scalar(absent, column.type))
    values = column.to_numpy() if isinstance(column, pa.ChunkedArray) else column.to_numpy(zero_copy_only=False)
    return np.ascontiguousarray(values).view(np.uint64)


def _mixed(words: Words) -> Words:
    """Every bit of the result depends on every bit of the word (the finalizer of splitmix64, Steele et al. 2014)."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
