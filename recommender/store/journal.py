"""What an ingest has staged so far, so that one that was killed goes on where it was.

A checkpoint names finished files only; what was written after the last one is written again.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from recommender.model.flow_schema import SCHEMA_VERSION
from recommender.model.ingested_file import IngestedFile  # noqa: TC001 - msgspec reads it at run time
from recommender.store.content_digest import RowsDigest  # noqa: TC001 - as above
from recommender.store.durable import replace_durably

JOURNAL: Final = "journal.json"
_FORM: Final = 1
"""Of the journal and of what it names; any other is not gone on with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedPart:
    """A finished Parquet file of flows, in the staging folder. Times are nanoseconds since the epoch."""

    file: str
    rows: int
    first_seen: int
    last_seen: int
    digest: RowsDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Everything staged when the last of these files was finished."""

    files: tuple[IngestedFile, ...]
    """How much of each source is in the staged files."""
    parts: tuple[StagedPart, ...]
    side_files: dict[str, list[str]]
    """Finished Parquet files of each side table."""
    records: int
    """Flow records, repeats among them."""
    bytes_read: int
    form: int = _FORM
    schema_version: int = SCHEMA_VERSION


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Make it count, whatever becomes of the process."""
    temporary = folder / f"{JOURNAL}.new"
    temporary.write_bytes(msgspec.json.encode(checkpoint))
    replace_durably(temporary, folder / JOURNAL)


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """The last checkpoint of an ingest that did not end; None if there is none that can be gone on with."""
    try:
        found = msgspec.json.decode((folder / JOURNAL).read_bytes(), type=Checkpoint)
    except (OSError, msgspec.MsgspecError):
        return None
    named = {part.file for part in found.parts} | {name for names in found.side_files.values() for name in names}
    complete = all(Path(name).name == name and (folder / name).is_file() for name in named)
    return found if complete and (found.form, found.schema_version) == (_FORM, SCHEMA_VERSION) else None


def keep_only(folder: Path, checkpoint: Checkpoint | None) -> None:
    """Remove what the checkpoint does not name; without one, everything."""
    kept = set()
    if checkpoint is not None:
        kept = {JOURNAL, *(part.file for part in checkpoint.parts)}
        kept.update(*checkpoint.side_files.values())
    for entry in folder.iterdir():
        if entry.name not in kept:
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
