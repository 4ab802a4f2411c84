"""A dataset as a folder: `<table>/part-<content hash>.parquet`, and the record that names the parts which count."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from recommender.errors import StoreError
from recommender.model.flow_schema import TABLES
from recommender.store.dataset_record import MANIFEST, DatasetRecord, Part
from recommender.store.durable import content_name, replace_durably, sync
from recommender.store.parquet_format import SCHEMAS, writer
from recommender.store.sorted_parquet import write_sorted
from recommender.store.staging import SIDE_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

    from recommender.store.flow_parts import FlowPart

STAGING: Final = ".ingest"
LOCK: Final = ".lock"
_NOT_OURS: Final = "exists and is not a flow dataset; nothing in it was touched"


def read_record(path: Path) -> DatasetRecord:
    """Read the record of a folder, and make sure that its parts are there.

    Raises:
        StoreError: the folder is no dataset, or a newer release wrote it, or a part is missing.
    """
    manifest = path / MANIFEST
    try:
        text = manifest.read_bytes()
    except FileNotFoundError as error:
        raise StoreError(
            "not a flow dataset: it has no manifest.json",
            where=str(path),
            hint=f"netpol-recommend ingest SOURCE… -o {path}",
        ) from error
    record = DatasetRecord.from_json(text, where=str(manifest))
    for part in record.parts:
        if not (path / part.table / part.file).is_file():
            raise StoreError(
                f"the part {part.table}/{part.file} is missing", where=str(path), hint="ingest the captures again"
            )
    return record


def check_target(path: Path) -> DatasetRecord | None:
    """Read the record of an existing dataset, or give None where a new one can be made.

    Raises:
        StoreError: something else is there, and stays as it is.
    """
    if not path.exists():
        return None
    if not path.is_dir():
        raise StoreError(_NOT_OURS, where=str(path), hint="another -o, or --single-file for a single-file dataset")
    if (path / MANIFEST).exists():
        return read_record(path)
    entries = {entry.name for entry in path.iterdir()} - {LOCK}
    # Parts without a record are ours only if the staging folder of the ingest that was killed is still beside them.
    if entries and not (STAGING in entries and entries <= {STAGING, *TABLES}):
        raise StoreError(_NOT_OURS, where=str(path), hint="another -o, or an empty folder")
    return None


def commit(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    staging: Path,
    record: DatasetRecord,
    flows: Sequence[FlowPart],
) -> None:
    """Add parts of flows and the relations `new_…` as parts, then replace the record; only the last step counts."""
    added = [*_add_flows(path, staging, flows, record)]
    for table in SIDE_TABLES:
        added.extend(_add_side_table(connection, path, staging, table, record))
    complete = replace(record, parts=(*record.parts, *added))
    temporary = staging / MANIFEST
    temporary.write_text(complete.to_json(), encoding="utf-8")
    replace_durably(temporary, path / MANIFEST)


def _add_flows(path: Path, staging: Path, flows: Sequence[FlowPart], record: DatasetRecord) -> Iterator[Part]:
    for part in flows:
        file = _moved(part.file, path, "flows")
        yield Part(table="flows", file=file, rows=part.rows, first_seen=part.first_seen, last_seen=part.last_seen)
    if not flows and not _has_parts(record, "flows"):
        empty = staging / "no-flows.parquet"
        with closing(writer(empty, table="flows")) as file:
            file.write_table(SCHEMAS["flows"].empty_table())
        yield Part(table="flows", file=_moved(empty, path, "flows"), rows=0)


def _add_side_table(
    connection: duckdb.DuckDBPyConnection, path: Path, staging: Path, table: str, record: DatasetRecord
) -> Iterator[Part]:
    file = staging / f"new_{table}.parquet"
    ((rows,),) = connection.execute(f"SELECT count(*) FROM new_{table}").fetchall()
    if rows or not _has_parts(record, table):
        write_sorted(connection, f"new_{table}", file, table=table)
        yield Part(table=table, file=_moved(file, path, table), rows=rows)


def _has_parts(record: DatasetRecord, table: str) -> bool:
    return any(part.table == table for part in record.parts)


def _moved(file: Path, path: Path, table: str) -> str:
    """Put a finished file among the parts of its table and give its name there."""
    folder = path / table
    if not folder.exists():
        folder.mkdir()
        sync(path)
    name = content_name(file)
    replace_durably(file, folder / name)
    return name


def sweep(path: Path, *, staging: bool = False) -> None:
    """Remove what the record does not name: parts of an ingest that failed or was killed, and perhaps what it staged.

    The staging folder goes last: as long as it is there, parts without a record are known to be ours.
    """
    record = read_record(path) if (path / MANIFEST).exists() else None
    for table in TABLES:
        named = set(record.files(path, table)) if record else set()
        for file in (path / table).glob("part-*.parquet"):
            if file not in named:
                file.unlink()
        if record is None and (path / table).exists():
            (path / table).rmdir()
    if staging:
        shutil.rmtree(path / STAGING)
