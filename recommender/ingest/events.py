"""Records that are no flows: losses, node states, agent events, and the agent's own log lines."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from recommender.ingest.columns import split_node
from recommender.ingest.endpoints import content_hash
from recommender.ingest.messages import LostEvents, NodeStatus, TypedEvent
from recommender.ingest.rejects import RejectedRecordError, RejectReason, printable, record_batch
from recommender.ingest.timestamps import parse_time
from recommender.ingest.vocabulary import AGENT_EVENTS, LOSS_SOURCES, NODE_STATES
from recommender.model.flow_schema import EVENT_SCHEMA

if TYPE_CHECKING:
    import pyarrow as pa

    from recommender.ingest.envelopes import FoundEvent

AGENT_LOG: Final = "agent_log"
_MESSAGE_LENGTH: Final = 200


class EventTable:
    """Gathers rows of EVENT_SCHEMA."""

    def __init__(self) -> None:
        self._rows: list[tuple[object, ...]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, event: FoundEvent) -> None:
        """Add one record.

        Raises:
            RejectedRecordError: if a field is not what it should be.
        """
        detail, count, nodes, message, first = _fields(event)
        time = event.time or first
        if not isinstance(time, str | None):
            raise RejectedRecordError(RejectReason.WRONG_TYPE, "expected a text - at `$.time`")
        if not isinstance(event.node_name, str | None):
            raise RejectedRecordError(RejectReason.WRONG_TYPE, "expected a text - at `$.node_name`")
        cluster, node = split_node(event.node_name)
        row = (event.kind, parse_time(time) if time else None, cluster, node, detail, count, nodes, message)
        self._rows.append((content_hash(row), *row))

    def add_log_lines(self, lines: LogLineCounter) -> None:
        """Add the log lines of one file, or of one range of it, as one row."""
        row = (AGENT_LOG, None, None, None, None, lines.count, None, None)
        self._rows.append((content_hash((row, lines.digest.hex())), *row))

    def take(self) -> pa.RecordBatch:
        """The events gathered since the last call."""
        rows, self._rows = self._rows, []
        return record_batch(rows, EVENT_SCHEMA)


_Message = TypeVar("_Message", bound=msgspec.Struct)
_Fields = tuple[str | None, int, list[str] | None, str | None, str | None]


def _fields(event: FoundEvent) -> _Fields:
    """Detail, count, nodes, message and first time of an event."""
    try:
        match event.kind:
            case "lost_events":
                lost = _convert(event, LostEvents)
                return LOSS_SOURCES[lost.source], lost.num_events_lost, None, None, lost.first
            case "node_status":
                status = _convert(event, NodeStatus)
                message = printable(status.message, _MESSAGE_LENGTH) if status.message else None
                return NODE_STATES[status.state_change], 1, status.node_names or None, message, None
            case _:
                return AGENT_EVENTS[_convert(event, TypedEvent).type], 1, None, None, None
    except msgspec.ValidationError as error:
        detail = str(error).replace("`$", f"`$.{event.kind}")
        raise RejectedRecordError(RejectReason.WRONG_TYPE, detail) from error


def _convert(event: FoundEvent, kind: type[_Message]) -> _Message:
    return msgspec.convert(event.body, kind, strict=False)


class LogLineCounter:
    """Counts the agent's log lines of a file or a range and remembers their content as a digest."""

    def __init__(self) -> None:
        self.count = 0
        self._digest = hashlib.blake2b(digest_size=8)

    def add(self, text: bytes) -> None:
        """Count one line."""
        self.count += 1
        self._digest.update(text)
        self._digest.update(b"\n")

    @property
    def digest(self) -> bytes:
        """Of all lines so far."""
        return self._digest.digest()
