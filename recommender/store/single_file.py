"""A dataset in one Parquet file: the flows as rows, all else in the footer's key-value metadata."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from recommender.errors import StoreError
from recommender.store.dataset_record import DatasetRecord
from recommender.store.durable import replace_durably
from recommender.store.parquet_format import SCHEMAS
from recommender.store.sorted_parquet import sorted_rows, write_sorted
from recommender.store.staging import SIDE_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb

RECORD_KEY: Final = "netpol-recommend.record"
_TABLE_KEY: Final = "netpol-recommend.table."
_FOOTER_LIMIT: Final = 2**31 - 1
"""Bytes; the side tables of a large cluster exceed pyarrow's own limit of 100 MB."""


def footer_of(path: Path) -> Mapping[bytes, bytes]:
    """Read the key-value metadata of a Parquet file.

    Raises:
        StoreError: the file is not Parquet.
    """
    try:
        with pq.ParquetFile(path, thrift_string_size_limit=_FOOTER_LIMIT) as file:
            return file.metadata.metadata or {}
    except (pa.ArrowInvalid, OSError) as error:
        raise StoreError(
            "neither a flow dataset nor a Parquet file",
            where=str(path),
            hint=f"netpol-recommend ingest {path} -o flows.parquet",
        ) from error


def read_record(path: Path) -> DatasetRecord:
    """Read the record in the footer.

    Raises:
        StoreError: the file is not Parquet, or no dataset of ours, or of a newer release.
    """
    text = footer_of(path).get(RECORD_KEY.encode())
    if text is None:
        raise StoreError(
            "a Parquet file, but not one that `netpol-recommend ingest` wrote",
            where=str(path),
            hint="netpol-recommend ingest SOURCE… -o flows.parquet --single-file",
        )
    return DatasetRecord.from_json(text, where=str(path))


def read_side_tables(path: Path) -> dict[str, pa.Table]:
    """Read the side tables in the footer.

    Raises:
        StoreError: one of them is missing or damaged.
    """
    footer = footer_of(path)
    try:
        return {table: _unpacked(footer[(_TABLE_KEY + table).encode()]) for table in SIDE_TABLES}
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise StoreError(
            f"its footer is damaged ({error!r})", where=str(path), hint="ingest the captures again"
        ) from error


def write_single_file(
    connection: duckdb.DuckDBPyConnection, target: Path, *, temporary: Path, record: DatasetRecord
) -> None:
    """Write the relations `all_flows` … `all_rejects` to one file, which replaces the target in one step."""
    footer = {RECORD_KEY: record.to_json()}
    for table in SIDE_TABLES:
        footer[_TABLE_KEY + table] = _packed(connection, table)
    write_sorted(connection, "all_flows", temporary, table="flows", footer=footer)
    replace_durably(temporary, target)


def _packed(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    stream = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(stream, SCHEMAS[table], options=options) as writer:
        for chunk in sorted_rows(connection, f"all_{table}", table=table):
            writer.write_table(chunk)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _unpacked(text: bytes) -> pa.Table:
    with pa.ipc.open_stream(base64.b64decode(text, validate=True)) as reader:
        return reader.read_all()
