"""Records that cannot be read: why, where, and how they begin."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from recommender.errors import StrictError
from recommender.model.flow_schema import REJECT_SCHEMA
from recommender.model.ingested_file import TailReject

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_BYTES: Final = 120
_DETAIL_LENGTH: Final = 300


class RejectReason(StrEnum):
    """Why a record could not be read; a closed set, so that rejects can be counted by it."""

    MALFORMED_JSON = "malformed JSON"
    CUT_RECORD = "cut record"
    """A JSON object that never ends: the writer died, or the file was cut."""
    NOT_JSON = "not JSON"
    HUMAN_TEXT = "human-readable output"
    """A line of `compact`, `table` or `dict` output amid JSON."""
    INVALID_UTF8 = "invalid UTF-8"
    TOO_DEEP = "nested too deeply"
    TOO_LONG = "record too long"
    UNKNOWN_RECORD = "unknown record"
    NOT_AN_OBJECT = "record is not an object"
    """The record's key is known and its value is null or no object, such as `{"flow": null}`."""
    WRONG_TYPE = "wrong type or value"
    MISSING_TIME = "missing time"
    MALFORMED_TIME = "malformed time"
    IMPLAUSIBLE_TIME = "implausible time"
    """Before 2000 or after 2100: a clock that was never set, or a zero time."""
    TRUNCATED_COMPRESSION = "truncated compression"
    CORRUPT_COMPRESSION = "corrupt compression"


class RejectedRecordError(Exception):
    """One record cannot be read; never leaves the decoder."""

    def __init__(self, reason: RejectReason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason, detail)


def printable(text: str, length: int) -> str:
    """Text with everything that could move a cursor or hide something escaped, cut at `length` characters."""
    escaped = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text[:length]
    )
    return escaped[:length]


class RejectTable:
    """Gathers rejects; with `strict` the first one is raised as a StrictError instead."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._rows: list[tuple[str, str, int, str | None, str]] = []

    @property
    def strict(self) -> bool:
        """Whether the first reject is raised."""
        return self._strict

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, error: RejectedRecordError, *, file: str, line: int, text: bytes = b"") -> None:
        """Count one reject; `text` is the beginning of the record.

        Raises:
            StrictError: if the decoder was told to stop at the first reject.
        """
        detail = printable(error.detail, _DETAIL_LENGTH)
        if self._strict:
            what = f"{error.reason}: {detail}" if detail else str(error.reason)
            raise StrictError(what, where=f"{file}:{line}", hint="leave out --strict to count such records and go on")
        self._rows.append((error.reason.value, file, line, detail or None, _beginning(text)))

    def take(self) -> pa.RecordBatch:
        """The rejects gathered since the last call, as REJECT_SCHEMA."""
        rows, self._rows = self._rows, []
        return record_batch(rows, REJECT_SCHEMA)


def described(error: RejectedRecordError, *, line: int, text: bytes) -> TailReject:
    """A reject that may not last: the file may go on."""
    detail = printable(error.detail, _DETAIL_LENGTH) or None
    return TailReject(reason=error.reason.value, line=line, detail=detail, first_bytes=_beginning(text))


def _beginning(text: bytes) -> str:
    return printable(text[: FIRST_BYTES * 4].decode("utf-8", "replace"), FIRST_BYTES)


def record_batch(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows whose values stand in the order of the schema, as one Arrow batch."""
    if not rows:
        return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
