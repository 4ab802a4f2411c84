"""Answers to the reduction's queries, kept for the next run that asks the same of the same flows.

An answer depends on the stored flows, on the tables that were given to the engine, and on the statements before it. A
digest of all of these names the file that the answer is kept in, so an answer is found only if nothing that it rests on
has changed. Statements run on the real engine only when an answer is missing.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from recommender.store.durable import replace_durably, store_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from recommender.model.sql_engine import SqlEngine

_DIGEST_BYTES: Final = 32
_COMPRESSION: Final = pa.ipc.IpcWriteOptions(compression="zstd")


@dataclass(frozen=True, slots=True)
class KeptRows:
    """The rows of an answer."""

    table: pa.Table

    def to_arrow_table(self) -> pa.Table:
        """All rows as columns."""
        return self.table

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows as tuples."""
        return list(zip(*(column.to_pylist() for column in self.table.columns), strict=True))

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row as a tuple; None if there is none."""
        return next(iter(self.fetchall()), None)


class CachedEngine:
    """An engine that answers what it was asked before from a folder; see `recommender.model.sql_engine.SqlEngine`."""

    def __init__(self, engine: SqlEngine, *, folder: Path, basis: str) -> None:
        """Begin with an engine that has the views of the flows.

        Args:
            engine: what runs statements whose answers are missing.
            folder: where answers are kept; made if it is not there.
            basis: what the views show: flows, selection, and the release of what reads them.

        Raises:
            StoreError: the folder cannot be made.
        """
        with store_errors(folder, "keeping what flows are reduced to"):
            folder.mkdir(parents=True, exist_ok=True)
        self._engine = engine
        self._folder = folder
        self._state = _digest(b"basis", basis.encode())
        self._waiting: list[Callable[[], object]] = []

    def execute(self, statement: str, /) -> KeptRows:
        """Make or drop a table or view, sooner or later, or give the rows of a query.

        Raises:
            StoreError: an answer cannot be kept.
        """
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            return self._answer(statement)
        self._later(lambda: self._engine.execute(statement), b"statement", statement.encode())
        return KeptRows(pa.table({}))

    def sql(self, query: str, /) -> KeptRows:
        """The rows of a query.

        Raises:
            StoreError: an answer cannot be kept.
        """
        return self._answer(query)

    def register(self, name: str, table: pa.Table, /) -> None:
        """Give a small table a name that statements can read it by."""
        self._later(lambda: self._engine.register(name, table), b"table", name.encode(), _written(table))

    def unregister(self, name: str, /) -> None:
        """Take the name away again."""
        self._later(lambda: self._engine.unregister(name), b"gone", name.encode())

    def _later(self, action: Callable[[], object], *what: bytes) -> None:
        self._state = _digest(self._state, *what)
        self._waiting.append(action)

    def _answer(self, query: str) -> KeptRows:
        file = self._folder / f"{_digest(self._state, b'query', query.encode()).hex()}.answer"
        table = _read(file)
        if table is None:
            for action in self._waiting:
                action()
            self._waiting.clear()
            found = self._engine.sql(query)
            table = found.to_arrow_table() if found is not None else pa.table({})
            _write(table, file)
        return KeptRows(table)


def _digest(*parts: bytes) -> bytes:
    """A digest of the parts that tells where one ends."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def _written(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_COMPRESSION) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _read(file: Path) -> pa.Table | None:
    """The answer in the file; None if there is none, or another than was written."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, written = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if digest != _digest(written):
        return None
    return pa.ipc.open_stream(written).read_all()


def _write(table: pa.Table, file: Path) -> None:
    written = _written(table)
    with store_errors(file.parent, "keeping what flows are reduced to"):
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as stream:
            stream.write(_digest(written) + written)
        replace_durably(Path(stream.name), file)
