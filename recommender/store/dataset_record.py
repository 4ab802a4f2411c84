"""`manifest.json`: which files make up a dataset. Its replacement is the moment at which an ingest takes effect."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from recommender.errors import StoreError
from recommender.model.flow_schema import SCHEMA_VERSION, TABLES
from recommender.model.ingested_file import IngestedFile  # noqa: TC001 - msgspec reads it at run time
from recommender.store.content_digest import RowsDigest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MANIFEST: Final = "manifest.json"
_HINT: Final = "netpol-recommend ingest SOURCE… -o flows.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One Parquet file of a table."""

    table: str
    file: str
    """Name in the folder of its table."""
    rows: int
    first_seen: int = 0
    """Of the flows in it; 0 for other tables, and where an earlier release wrote it."""
    last_seen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCapture:
    """A file that was read, and the selection under which it was."""

    selection: str
    """Empty for all flows; see `recommender.store.stored_captures`."""
    file: IngestedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRecord:
    """What `manifest.json`, or the footer of a single file, says of a dataset.

    Times are nanoseconds since the epoch.
    """

    parts: tuple[Part, ...]
    """In the order in which they were added; a single-file dataset has none."""
    rows: Mapping[str, int]
    """Rows of each table."""
    first_seen: int
    last_seen: int
    nodes: tuple[str, ...]
    repeats: int
    """Flow records that were in the dataset or the same ingest already, of all ingests that added anything."""
    selected: bool = False
    """Whether an ingest left flows out for another reason than their time: what is stored is then not all there was."""
    verdict_flows: int | None = None
    """Policy verdict records; None where an earlier release did not count them."""
    captures: tuple[StoredCapture, ...] = ()
    """What was read, so that it is not read again."""
    digests: Mapping[str, RowsDigest] | None = None
    """Of the rows of each table, all parts together; None where an earlier release did not keep them."""

    def files(self, dataset: Path, table: str) -> list[Path]:
        """Paths of the parts of a table."""
        return [dataset / table / part.file for part in self.parts if part.table == table]

    def to_json(self) -> str:
        """Write the record; equal records give equal text."""
        tables = {
            table: {
                "rows": self.rows[table],
                **({"digest": self.digests[table].to_text()} if self.digests is not None else {}),
                "files": [_part_document(part) for part in self.parts if part.table == table],
            }
            for table in TABLES
        }
        document = {
            "schema_version": SCHEMA_VERSION,
            "tables": tables,
            "window": {"first_seen_ns": self.first_seen, "last_seen_ns": self.last_seen},
            "sources": {"nodes": list(self.nodes)},
            "repeats": self.repeats,
            "selected": self.selected,
            "verdict_flows": self.verdict_flows,
            "captures": msgspec.to_builtins(self.captures),
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, *, where: str) -> DatasetRecord:
        """Read a record.

        Raises:
            StoreError: the text is no record, or a newer release wrote it.
        """
        try:
            document = json.loads(text)
            _check_version(document["schema_version"], where)
            return cls._from_document(document)
        except (ValueError, KeyError, TypeError, AttributeError, msgspec.MsgspecError) as error:
            raise StoreError(f"not the record of a flow dataset ({error!r})", where=where, hint=_HINT) from error

    @classmethod
    def _from_document(cls, document: dict[str, Any]) -> DatasetRecord:
        tables = document["tables"]
        return cls(
            parts=tuple(
                Part(
                    table=table,
                    file=_plain_name(part["file"]),
                    rows=int(part["rows"]),
                    first_seen=int(part.get("first_seen_ns", 0)),
                    last_seen=int(part.get("last_seen_ns", 0)),
                )
                for table in TABLES
                for part in tables[table]["files"]
            ),
            rows={table: int(tables[table]["rows"]) for table in TABLES},
            first_seen=int(document["window"]["first_seen_ns"]),
            last_seen=int(document["window"]["last_seen_ns"]),
            nodes=tuple(map(str, document["sources"]["nodes"])),
            repeats=int(document["repeats"]),
            selected=bool(document.get("selected", False)),
            verdict_flows=None if document.get("verdict_flows") is None else int(document["verdict_flows"]),
            captures=msgspec.convert(document.get("captures", ()), tuple[StoredCapture, ...]),
            digests={table: RowsDigest.from_text(tables[table]["digest"]) for table in TABLES}
            if all("digest" in tables[table] for table in TABLES)
            else None,
        )


def _part_document(part: Part) -> dict[str, object]:
    window = {"first_seen_ns": part.first_seen, "last_seen_ns": part.last_seen} if part.last_seen else {}
    return {"file": part.file, "rows": part.rows, **window}


def _check_version(version: object, where: str) -> None:
    if version == SCHEMA_VERSION:
        return
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise StoreError(
            f"a newer release wrote it (schema {version}; this one reads {SCHEMA_VERSION})",
            where=where,
            hint="pip install --upgrade netpol-recommend",
        )
    raise StoreError(f"schema version {version!r} is not known", where=where, hint=_HINT)


def _plain_name(name: str) -> str:
    if "/" in name or "\\" in name or name in {"", ".", ".."}:
        message = f"{name!r} is not a file name"
        raise ValueError(message)
    return name
