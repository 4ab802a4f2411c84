"""Decoded flows as Parquet parts that may go into the dataset as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from recommender.store import parquet_format
from recommender.store.content_digest import RowsDigest, rows_digest
from recommender.store.parquet_format import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Places = npt.NDArray[np.int64]
    Times = npt.NDArray[np.int64]

GROUPS_A_PART: Final = 4
"""Row groups of flows in one part, or a few more where that is no place to go on from."""
_COMPARED: Final = 1000
"""So many neighbours with one id are compared at once; where there are more, repeats are found afterwards."""
_ALWAYS: Final = 2**62
"""Later than any time in nanoseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPart:
    """A finished Parquet file of flows. Times are nanoseconds since the epoch."""

    file: Path
    rows: int
    first_seen: int
    last_seen: int
    digest: RowsDigest


class FlowParts:
    """Writes flows to parts of a few row groups, each row group sorted by time and id."""

    def __init__(self, folder: Path, *, number: int = 0) -> None:
        self._folder = folder
        self._number = number
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._finished: list[FlowPart] = []
        self._open: _OpenPart | None = None

    @property
    def unfinished_rows(self) -> int:
        """Rows that are in no finished part yet."""
        return self._rows + (self._open.rows if self._open is not None else 0)

    def add(self, rows: pa.RecordBatch) -> None:
        """Write as many whole row groups as there are."""
        if not rows.num_rows:
            return
        self._waiting.append(rows)
        self._rows += rows.num_rows
        while self._rows >= parquet_format.ROWS_PER_GROUP:
            self._write(parquet_format.ROWS_PER_GROUP)

    def finish(self) -> list[FlowPart]:
        """Write the rest; gives the parts that were finished since the last call, in the order of their rows."""
        if self._rows:
            self._write(self._rows)
        self._end_part()
        finished, self._finished = self._finished, []
        return finished

    def close(self) -> None:
        """Let go of the file that is open; what it holds does not count."""
        if self._open is not None:
            self._open.writer.close()
            self._open = None

    def _write(self, size: int) -> None:
        whole = pa.Table.from_batches(self._waiting, schema=SCHEMAS["flows"])
        rest = whole.slice(size)
        self._waiting, self._rows = rest.to_batches(), rest.num_rows
        if self._open is None:
            self._open = _OpenPart(self._folder / f"flows-{self._number:06}.parquet")
            self._number += 1
        self._open.write(in_order(whole.slice(0, size)))
        if self._open.groups >= 2 * GROUPS_A_PART:
            self._end_part()

    def _end_part(self) -> None:
        if self._open is not None:
            self._finished.append(self._open.end())
            self._open = None


class _OpenPart:
    """A part that is being written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.writer = parquet_format.writer(file, table="flows")
        self.groups = 0
        self._first, self._last = _ALWAYS, 0
        self._digest = RowsDigest()

    @property
    def rows(self) -> int:
        return self._digest.rows

    def write(self, rows: pa.Table) -> None:
        self.writer.write_table(rows, row_group_size=rows.num_rows)
        times = _times(rows)
        self._first, self._last = min(self._first, int(times[0])), max(self._last, int(times[-1]))
        self._digest += rows_digest(rows, table="flows")
        self.groups += 1

    def end(self) -> FlowPart:
        self.writer.close()
        return FlowPart(
            file=self._file,
            rows=self._digest.rows,
            first_seen=self._first,
            last_seen=self._last,
            digest=self._digest,
        )


def in_order(rows: pa.Table) -> pa.Table:
    """The rows by time, then id, without those that are the row before once more."""
    times = _times(rows)
    if bool((times[1:] > times[:-1]).all()):
        return rows
    order = np.lexsort((rows.column("event_id").to_numpy(), times))
    return rows.combine_chunks().take(pa.array(np.delete(order, _repeats(rows, order))))


def _repeats(rows: pa.Table, order: Places) -> Places:
    """Places in this order at which the row before stands once more."""
    neighbours = rows.select(["time", "event_id"]).take(pa.array(order))
    times, identifiers = _times(neighbours), neighbours.column("event_id").to_numpy()
    again = 1 + np.flatnonzero((times[1:] == times[:-1]) & (identifiers[1:] == identifiers[:-1]))
    if not 0 < len(again) <= _COMPARED:
        return again[:0]
    others = rows.drop_columns(["time"])
    sides = (others.take(pa.array(order[places])).to_pylist() for places in (again, again - 1))
    return again[[one == other for one, other in zip(*sides, strict=True)]]


def _times(rows: pa.Table) -> Times:
    found: Times = rows.column("time").to_numpy().view(np.int64)
    return found
