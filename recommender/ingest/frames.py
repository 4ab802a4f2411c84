"""What decoding processes and the one that started them say to each other, over pipes.

Each message is a frame: four bytes of length, then that many bytes of MessagePack or of plain content. Tables travel as
Arrow's encapsulated messages; both sides know the schemas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

import msgspec
import pyarrow as pa
from msgspec import Struct

from recommender.ingest.rejects import RejectedRecordError, RejectReason, record_batch
from recommender.model.decoded import DecodedBatch
from recommender.model.flow_schema import (
    ENDPOINT_SCHEMA,
    EVENT_SCHEMA,
    FLOW_SCHEMA,
    LABEL_SET_SCHEMA,
    REJECT_SCHEMA,
)
from recommender.model.ingested_file import TailReject, TextRange  # noqa: TC001 - msgspec reads these at run time

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH_BYTES: Final = 4
_SCHEMAS: Final = {
    "flows": FLOW_SCHEMA,
    "endpoints": ENDPOINT_SCHEMA,
    "label_sets": LABEL_SET_SCHEMA,
    "events": EVENT_SCHEMA,
    "rejects": REJECT_SCHEMA,
}


class Task(Struct, frozen=True, kw_only=True):
    """Decode a range of a file; without a path, the text follows in frames that an empty one ends."""

    name: str
    continued: bool
    path: str | None = None
    start: int = 0
    end: int = 0


class TextEnd(Struct, frozen=True, kw_only=True):
    """After the empty frame: whether the text ended where it should."""

    reason: RejectReason | None = None
    """Why it could not be unpacked further."""
    detail: str = ""


class Batch(Struct, frozen=True, kw_only=True, tag=True):
    """A batch, whose tables follow in frames, in the order of the schemas; an empty frame is an empty table."""


class Done(Struct, frozen=True, kw_only=True, tag=True):
    """The range is decoded."""

    lines: int
    whole: TextRange
    tail: TextRange
    tail_rejects: tuple[TailReject, ...]


class Failed(Struct, frozen=True, kw_only=True, tag=True):
    """The range cannot be decoded; the process goes on."""

    kind: str
    """Name of the error's class in `recommender.errors`."""
    what: str
    where: str
    hint: str


Answer = Batch | Done | Failed
_Message = TypeVar("_Message", bound=Struct)


def write_frame(stream: BinaryIO, content: bytes | memoryview | pa.Buffer) -> None:
    """Send plain content through a buffered stream."""
    stream.write(len(content).to_bytes(_LENGTH_BYTES, "little"))
    stream.write(content)


def write_message(stream: BinaryIO, message: Struct) -> None:
    """Send a message and everything before it."""
    write_frame(stream, msgspec.msgpack.encode(message))
    stream.flush()


def write_batch(stream: BinaryIO, batch: DecodedBatch) -> None:
    """Send a batch of rows."""
    write_frame(stream, msgspec.msgpack.encode(Batch()))
    for table in _SCHEMAS:
        rows: pa.RecordBatch = getattr(batch, table)
        write_frame(stream, rows.serialize() if rows.num_rows else b"")
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes:
    """Receive plain content.

    Raises:
        EOFError: the other side has gone.
    """
    return _exactly(stream, int.from_bytes(_exactly(stream, _LENGTH_BYTES), "little"))


def read_message(stream: BinaryIO, kind: type[_Message]) -> _Message:
    """Receive a message of this kind.

    Raises:
        EOFError: the other side has gone.
    """
    return msgspec.msgpack.decode(read_frame(stream), type=kind)


def read_answer(stream: BinaryIO) -> DecodedBatch | Done | Failed:
    """Receive what a decoding process says.

    Raises:
        EOFError: it has gone.
    """
    answer: Answer = msgspec.msgpack.decode(read_frame(stream), type=Answer)
    if not isinstance(answer, Batch):
        return answer
    return DecodedBatch(**{table: _rows(read_frame(stream), schema) for table, schema in _SCHEMAS.items()})


def read_text(stream: BinaryIO) -> Iterator[bytes]:
    """Receive the text of a task.

    Raises:
        EOFError: the other side has gone.
        RejectedRecordError: the text could not be unpacked further.
    """
    while block := read_frame(stream):
        yield block
    end = read_message(stream, TextEnd)
    if end.reason is not None:
        raise RejectedRecordError(end.reason, end.detail)


def _rows(content: bytes, schema: pa.Schema) -> pa.RecordBatch:
    if not content:
        return record_batch((), schema)
    return pa.ipc.read_record_batch(pa.py_buffer(content), schema)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise EOFError
    return found
