"""Which staged flows are added: all but repeats and what the selection leaves out.

Parts without either are added as they are; only the others are written anew.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recommender.model.flow_schema import FLOW_COLUMNS
from recommender.store.end_conditions import SideTables
from recommender.store.flow_parts import FlowPart, FlowParts
from recommender.store.repeated_ids import repeated_ids
from recommender.store.selection import flow_predicate
from recommender.store.sql_text import parquet_scan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb
    import numpy.typing as npt

    from recommender.model.selection import Selection
    from recommender.store.staging import Staged

    RowNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFlows:
    """The flows that a dataset has already."""

    files: tuple[Path, ...] = ()
    rows: int = 0
    newest: int = 0
    """Nanoseconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFlows:
    """The parts to add, and how the staged flow records divide."""

    parts: tuple[FlowPart, ...]
    repeats: int
    deselected: int

    @property
    def rows(self) -> int:
        """Flows added."""
        return sum(part.rows for part in self.parts)


_EVERY_FLOW_COLUMN = ", ".join(column.name for column in FLOW_COLUMNS)

_OCCURRENCES = """
CREATE OR REPLACE TABLE occurrences AS
SELECT part, file_row_number, event_id, stored
FROM (SELECT event_id, file_row_number, {number} AS part FROM {scan}) JOIN repeated USING (event_id)
"""

# Of records with one event_id the choice depends on their content only, never on the order in which they were read.
_KEPT = f"""
CREATE OR REPLACE TABLE kept AS
WITH alike AS (
    SELECT part, file_row_number, event_id, hash({_EVERY_FLOW_COLUMN}) AS content
    FROM (SELECT *, {{number}} AS part FROM {{scan}})
    SEMI JOIN (SELECT part, file_row_number FROM occurrences WHERE NOT stored) USING (part, file_row_number)
)
SELECT chosen.part, chosen.file_row_number FROM (
    SELECT arg_min({{{{'part': part, 'file_row_number': file_row_number}}}}, (content, part, file_row_number)) AS chosen
    FROM alike GROUP BY event_id
)
"""

_DROPPED = """
CREATE OR REPLACE TABLE dropped AS
SELECT part, file_row_number FROM occurrences ANTI JOIN kept USING (part, file_row_number)
"""


def find_new_flows(
    connection: duckdb.DuckDBPyConnection, staged: Staged, stored: StoredFlows, *, selection: Selection
) -> NewFlows:
    """Give the parts of flows that the dataset does not have yet and that the selection wants.

    Needs the views `known_endpoints` and `known_label_sets` where the selection has conditions.

    Raises:
        UsageError: the selection cannot be read.
    """
    tables = SideTables(endpoints="known_endpoints", label_sets="known_label_sets")
    predicate = None
    if not selection.empty:
        predicate = flow_predicate(selection, newest=max(staged.newest, stored.newest), tables=tables)
    found = _find_repeats(connection, staged, stored)
    repeats = staged.repeats + found
    if not found and predicate is None:
        return NewFlows(parts=tuple(staged.parts), repeats=repeats, deselected=0)
    parts = tuple(_written_anew(connection, staged, predicate))
    rows = sum(part.rows for part in parts)
    return NewFlows(parts=parts, repeats=repeats, deselected=staged.records - repeats - rows)


def _find_repeats(connection: duckdb.DuckDBPyConnection, staged: Staged, stored: StoredFlows) -> int:
    """Make the table `dropped`: part number and row number of each repeat; returns how many."""
    connection.execute("CREATE TABLE repeated (event_id UBIGINT, stored BOOLEAN)")
    for table in ("kept", "dropped"):
        connection.execute(f"CREATE TABLE {table} (part BIGINT, file_row_number BIGINT)")
    spill = staged.folder / "ids"
    spill.mkdir()
    files = [part.file for part in staged.parts]
    found = 0
    for known, several in repeated_ids(files, stored.files, rows=staged.records + stored.rows, spill=spill):
        for ids, is_stored in ((known, True), (several, False)):
            found += len(ids)
            _insert(connection, ids, stored=is_stored)
    if not found:
        return 0
    connection.execute(_OCCURRENCES.format(number=_PART_NUMBER, scan=_scan(files)))
    doubtful = connection.execute("SELECT DISTINCT part FROM occurrences WHERE NOT stored ORDER BY part").fetchall()
    if doubtful:
        connection.execute(_KEPT.format(number=_PART_NUMBER, scan=_scan([files[number] for (number,) in doubtful])))
    connection.execute(_DROPPED)
    ((repeats,),) = connection.execute("SELECT count(*) FROM dropped").fetchall()
    return int(repeats)


_PART_NUMBER = r"regexp_extract(filename, 'flows-(\d+)[.]parquet$', 1)::BIGINT"


def _scan(files: Sequence[Path]) -> str:
    return parquet_scan(files, row_numbers=True, file_names=True)


def _insert(connection: duckdb.DuckDBPyConnection, ids: npt.NDArray[np.uint64], *, stored: bool) -> None:
    if len(ids):
        connection.register("more_repeats", pa.table({"event_id": ids}))
        connection.execute(f"INSERT INTO repeated SELECT event_id, {stored} FROM more_repeats")
        connection.unregister("more_repeats")


def _written_anew(connection: duckdb.DuckDBPyConnection, staged: Staged, predicate: str | None) -> list[FlowPart]:
    """The staged parts, those that lose rows packed together anew."""
    folder = staged.folder / "kept"
    folder.mkdir()
    whole: list[FlowPart] = []
    with closing(FlowParts(folder)) as packed:
        for number, part in enumerate(staged.parts):
            kept = _kept_rows(connection, part, number, predicate)
            if kept.all():
                whole.append(part)
            else:
                _copy(part, kept, packed)
        return sorted((*whole, *packed.finish()), key=lambda part: (part.first_seen, part.digest.to_text()))


def _kept_rows(
    connection: duckdb.DuckDBPyConnection, part: FlowPart, number: int, predicate: str | None
) -> npt.NDArray[np.bool_]:
    kept = np.ones(part.rows, np.bool_)
    if predicate is not None:
        scan = parquet_scan([part.file], row_numbers=True)
        kept[:] = False
        kept[_row_numbers(connection, f"SELECT file_row_number FROM {scan} WHERE {predicate}")] = True
    kept[_row_numbers(connection, f"SELECT file_row_number FROM dropped WHERE part = {number}")] = False
    return kept


def _row_numbers(connection: duckdb.DuckDBPyConnection, query: str) -> RowNumbers:
    return np.asarray(connection.execute(query).fetchnumpy()["file_row_number"], np.int64)


def _copy(part: FlowPart, kept: npt.NDArray[np.bool_], packed: FlowParts) -> None:
    begin = 0
    with pq.ParquetFile(part.file) as file:
        for number in range(file.num_row_groups):
            rows = file.read_row_group(number)
            chosen = kept[begin : begin + rows.num_rows]
            begin += rows.num_rows
            if chosen.any():
                for batch in rows.filter(pa.array(chosen)).to_batches():
                    packed.add(batch)
