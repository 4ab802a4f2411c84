"""An existing dataset, in either form, as SQL views."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recommender.errors import StoreError
from recommender.model.flow_schema import FLOW_COLUMNS, TABLES
from recommender.store import directory, single_file
from recommender.store.content_digest import RowsDigest, content_digest, file_digest, rows_digest
from recommender.store.dataset_record import MANIFEST, DatasetRecord
from recommender.store.durable import store_errors
from recommender.store.selection import flow_predicate, time_predicate, without_ends
from recommender.store.sql_text import parquet_scan
from recommender.store.staging import SIDE_TABLES
from recommender.store.stored_captures import unfinished_ends

if TYPE_CHECKING:
    from collections.abc import Callable

    from recommender.model.selection import Selection
    from recommender.model.sql_engine import SqlEngine

_COPY: Final = "a copy on this machine, or the captures ingested again"
_FLOW_COLUMNS: Final = ", ".join(column.name for column in FLOW_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDataset:
    """A dataset as it was when it was opened: later ingests add files, and never change or remove these."""

    path: Path
    record: DatasetRecord
    uri: str = ""
    """Where the engine finds the files, if that is not the path."""

    @property
    def single_file(self) -> bool:
        """Whether the dataset is one Parquet file."""
        return not self.record.parts

    @property
    def repeats(self) -> int:
        """Flow records that ingests met and removed as repeats; one that added nothing else does not count."""
        return self.record.repeats

    @property
    def total_flows(self) -> int:
        """Stored flow records."""
        return self.record.rows["flows"]

    @property
    def selected(self) -> bool:
        """Whether an ingest stored only a selection of the flows that it read (by more than their time)."""
        return self.record.selected

    def register(self, connection: SqlEngine, selection: Selection) -> None:
        """Make the views `flows`, `endpoints`, `label_sets`, `events` and `rejects`, and `stored_…` beneath them.

        `flows` holds the selection only, `comparable_flows` what it would hold without conditions on who talks to whom;
        `events` lacks what lies outside --since and --until. Columns are those of `recommender.model.flow_schema`;
        `time` has the type TIMESTAMPTZ_NS, so `epoch_ns(time)` gives nanoseconds.

        Raises:
            UsageError: the selection cannot be read.
            StoreError: a file of the dataset cannot be read.
        """
        newest = self.record.last_seen
        flows = flow_predicate(selection, newest=newest)
        comparable = flow_predicate(without_ends(selection), newest=newest)
        events = time_predicate(selection, newest=newest)
        with store_errors(self.path, "reading the dataset"):
            self.register_stored(connection)
            for table in ("endpoints", "label_sets"):
                connection.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM stored_{table}")
            connection.register("unfinished_ends", unfinished_ends(capture.file for capture in self.record.captures))
            connection.execute(
                "CREATE OR REPLACE VIEW rejects AS SELECT * FROM stored_rejects UNION ALL SELECT * FROM unfinished_ends"
            )
            connection.execute(f"CREATE OR REPLACE VIEW flows AS SELECT * FROM stored_flows WHERE {flows}")
            connection.execute(
                f"CREATE OR REPLACE VIEW comparable_flows AS SELECT * FROM stored_flows WHERE {comparable}"
            )
            connection.execute(
                f"CREATE OR REPLACE VIEW events AS SELECT * FROM stored_events WHERE time IS NULL OR {events}"
            )

    def register_stored(self, connection: SqlEngine) -> None:
        """Make the views `stored_flows` … `stored_rejects`, which hold everything."""
        if self.single_file:
            for table, rows in single_file.read_side_tables(self.path).items():
                connection.register("footer_rows", rows)
                connection.execute(f"CREATE OR REPLACE TABLE footer_{table} AS SELECT * FROM footer_rows")
                connection.unregister("footer_rows")
                connection.execute(f"CREATE OR REPLACE VIEW stored_{table} AS SELECT * FROM footer_{table}")
        else:
            for table in SIDE_TABLES:
                columns = ", ".join(column.name for column in TABLES[table])
                scan = parquet_scan(self._files(table))
                connection.execute(f"CREATE OR REPLACE VIEW stored_{table} AS SELECT {columns} FROM {scan}")
        connection.execute(
            f"CREATE OR REPLACE VIEW stored_flows AS SELECT {_FLOW_COLUMNS} FROM {parquet_scan(self._files('flows'))}"
        )

    @property
    def flow_files(self) -> list[Path]:
        """The Parquet files that hold the flows, of a dataset on this machine."""
        return [self.path] if self.single_file else self.record.files(self.path, "flows")

    def _files(self, table: str) -> list[Path] | list[str]:
        if self.uri:
            return [f"{self.uri}/{table}/{part.file}" for part in self.record.parts if part.table == table]
        return [self.path] if self.single_file else self.record.files(self.path, table)

    def digest(self) -> str:
        """Thirty-two hex digits that depend on the stored rows only, not on their order, files, or repeats met.

        Raises:
            StoreError: a file of the dataset cannot be read.
        """
        return content_digest(self.digests())

    def digests(self) -> dict[str, RowsDigest]:
        """Digests of the rows of each table; the rows are read only if an earlier release wrote the dataset.

        Raises:
            StoreError: a file of the dataset cannot be read.
        """
        if self.record.digests is not None:
            return dict(self.record.digests)
        if self.uri:
            raise StoreError("an earlier release wrote it, without digests", where=self.uri, hint=_COPY)
        with store_errors(self.path, "reading the dataset"):
            return {table: self._read_digest(table) for table in TABLES}

    def _read_digest(self, table: str) -> RowsDigest:
        if self.single_file and table != "flows":
            return rows_digest(single_file.read_side_tables(self.path)[table], table=table)
        files = self.flow_files if table == "flows" else self.record.files(self.path, table)
        return sum((file_digest(file, table=table) for file in files), start=RowsDigest())


def dataset_at(uri: str, *, read_text: Callable[[str], str]) -> FlowDataset:
    """Open a dataset where only the engine can read, in the form of a folder.

    Raises:
        StoreError: it is no dataset of ours, or a newer release wrote it.
        ReductionError: the engine cannot read it.
    """
    place = uri.rstrip("/")
    record = DatasetRecord.from_json(read_text(f"{place}/{MANIFEST}"), where=uri)
    return FlowDataset(path=Path(place), record=record, uri=place)


def is_dataset(path: Path) -> bool:
    """Whether the path holds a dataset of either form, of whatever version."""
    if path.is_dir():
        return (path / MANIFEST).is_file()
    if not path.is_file():
        return False
    try:
        return single_file.RECORD_KEY.encode() in single_file.footer_of(path)
    except StoreError:
        return False


def open_dataset(path: Path) -> FlowDataset:
    """Open a dataset of either form for reading.

    Raises:
        StoreError: nothing is there, or no dataset of ours, or a newer release wrote it, or a part is missing.
    """
    if not path.exists():
        raise StoreError("no such dataset", where=str(path), hint=f"netpol-recommend ingest SOURCE… -o {path}")
    # Symbolic links are followed once: views must not change under a link that is turned later.
    whole = path.resolve()
    with store_errors(path, "reading the dataset"):
        record = directory.read_record(whole) if whole.is_dir() else single_file.read_record(whole)
    return FlowDataset(path=whole, record=record)
