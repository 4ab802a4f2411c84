"""Which files need not be read again under a selection, and what is remembered of them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from recommender.model.flow_schema import REJECT_SCHEMA
from recommender.store.dataset_record import StoredCapture

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.model.ingested_file import IngestedFile
    from recommender.model.selection import Selection

_TIME: Final = re.compile(r"\d{4}-")


def selection_key(selection: Selection) -> str | None:
    """A text that is equal for selections that leave out the same flows; None if it changes as flows are added.

    What `--since 7d` leaves out today it leaves out for ever, since newer flows only move it on; what `--until 1d`
    leaves out today it may want tomorrow.
    """
    if selection.empty:
        return ""
    if selection.until and not _TIME.match(selection.until):
        return None
    return hashlib.blake2b(repr(selection).encode(), digest_size=8).hexdigest()


def known_files(captures: Iterable[StoredCapture], selection: Selection) -> tuple[IngestedFile, ...]:
    """The files that were read under this very selection."""
    key = selection_key(selection)
    return tuple(capture.file for capture in captures if capture.selection == key)


def captures_after(
    before: Sequence[StoredCapture], files: Iterable[IngestedFile], selection: Selection
) -> tuple[StoredCapture, ...]:
    """What is remembered once these files were read: files that have grown take the place of what they were."""
    key = selection_key(selection)
    if key is None:
        return tuple(before)
    captures = list(before)
    for file in files:
        captures = [capture for capture in captures if not (capture.selection == key and file.continues(capture.file))]
        captures.append(StoredCapture(selection=key, file=file))
    return tuple(captures)


def unfinished_ends(files: Iterable[IngestedFile]) -> pa.Table:
    """The rejects of unfinished last lines, as REJECT_SCHEMA; they are not stored, since the files may grow."""
    rows = {
        (one.reason, file.name, one.line, one.detail, one.first_bytes) for file in files for one in file.tail_rejects
    }
    columns = list(zip(*sorted(rows, key=repr), strict=True)) or [()] * len(REJECT_SCHEMA)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, REJECT_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=REJECT_SCHEMA)
