"""What is this JSON object, and where in it lies the record?

Hubble's own envelope, the exporter's, a bare flow, or any of these packed by a log shipper as object or as text
(hubble-format 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from recommender.ingest.messages import Envelope, Flow
from recommender.ingest.plain_text import TextKind, kind_of_text, quoted_message, strip_log_prefix
from recommender.ingest.rejects import RejectedRecordError, RejectReason
from recommender.ingest.spelling import respell, respell_flow

EVENT_KINDS: Final = ("lost_events", "node_status", "agent_event", "debug_event")
_WRAPPERS: Final = (
    "_source",
    "log",
    "message",
    "line",
    "msg",
    "event",
    "result",
    "_raw",
    "MESSAGE",
    "@message",
    "body",
    "json",
    "jsonPayload",
    "textPayload",
)
"""Keys under which Docker, fluent-bit, promtail, Elastic, Splunk, journald, the clouds and JSON logs put a log line."""
_FLOW_KEYS: Final = frozenset(
    {"verdict", "IP", "l4", "Type", "l7", "event_type", "traffic_direction", "is_reply"},
)
_SHARED_KEYS: Final = frozenset({"source", "destination", "uuid"})
"""Keys of a flow that log shippers use as well: Elastic's `source` is a path or an address."""
_NOT_THERE: Final = frozenset({RejectReason.UNKNOWN_RECORD, RejectReason.NOT_JSON})
_WRAPPING_DEPTH: Final = 4
_LENIENT: Final = msgspec.json.Decoder(Envelope, strict=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFlow:
    """A flow and its envelope."""

    envelope: Envelope
    flow: Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEvent:
    """A record of another kind."""

    kind: str
    body: dict[str, Any]
    node_name: Any
    time: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLogLine:
    """A log line of the agent, packed by a log shipper."""


Found = FoundFlow | FoundEvent | FoundLogLine


def find_record(text: bytes) -> Found:
    """Reads one JSON object in any envelope and spelling.

    Raises:
        RejectedRecordError: if it cannot be read, or is no record of Hubble.
    """
    try:
        return _find(_parse(text), _WRAPPING_DEPTH)
    except RecursionError as error:
        raise RejectedRecordError(RejectReason.TOO_DEEP) from error


def record_in_log_line(line: bytes) -> Found | None:
    r"""The record that a logger has quoted in the message of a log line (`level=info msg="{\"flow\":…"`), if any.

    Raises:
        RejectedRecordError: if a record is there and cannot be read.
    """
    message = quoted_message(line)
    if message is None:
        return None
    try:
        return find_record(message)
    except RejectedRecordError as error:
        if error.reason in _NOT_THERE:
            return None
        raise


def _parse(text: bytes | str) -> Any:
    try:
        if isinstance(text, bytes) and not text.isascii():
            text = text.decode()
        return msgspec.json.decode(text)
    except UnicodeError as error:
        raise RejectedRecordError(RejectReason.INVALID_UTF8, str(error)) from error
    except msgspec.ValidationError as error:
        raise RejectedRecordError(RejectReason.WRONG_TYPE, str(error)) from error
    except msgspec.DecodeError as error:
        raise RejectedRecordError(RejectReason.MALFORMED_JSON, str(error)) from error


def _find(value: Any, depth: int) -> Found:
    if not isinstance(value, dict):
        raise RejectedRecordError(RejectReason.NOT_AN_OBJECT, f"got {_json_type(value)}")
    top = respell(value, 1)
    for kind in ("flow", *EVENT_KINDS):
        if kind in top:
            return _open(top, kind)
    wrappers = [key for key in _WRAPPERS if isinstance(top.get(key), dict | str)] if depth else []
    missed = RejectedRecordError(RejectReason.UNKNOWN_RECORD, f"none of its keys belongs to a record: {', '.join(top)}")
    for key in wrappers:
        try:
            return _unpack(top, top[key], depth - 1)
        except RejectedRecordError as error:
            if error.reason not in _NOT_THERE:
                raise
            missed = missed if missed.reason is RejectReason.NOT_JSON else error
    if not (_FLOW_KEYS if wrappers else _FLOW_KEYS | _SHARED_KEYS).isdisjoint(top):
        return _flow(value, {})
    if _is_agent_log(top):
        return FoundLogLine()
    raise missed


def _open(envelope: dict[str, Any], kind: str) -> Found:
    body = envelope[kind]
    if not isinstance(body, dict):
        raise RejectedRecordError(RejectReason.NOT_AN_OBJECT, f"got {_json_type(body)} - at `$.{kind}`")
    if kind == "flow":
        return _flow(body, envelope)
    return FoundEvent(kind=kind, body=respell(body), node_name=envelope.get("node_name"), time=envelope.get("time"))


def _flow(flow: dict[str, Any], envelope: dict[str, Any]) -> FoundFlow:
    whole = {"flow": respell_flow(flow), "node_name": envelope.get("node_name"), "time": envelope.get("time")}
    if isinstance(whole["time"], dict):
        whole["time"] = None
    try:
        decoded = _LENIENT.decode(msgspec.json.encode(whole))
    except msgspec.DecodeError as error:
        raise RejectedRecordError(RejectReason.WRONG_TYPE, str(error)) from error
    return FoundFlow(envelope=decoded, flow=decoded.flow or Flow())


def _unpack(wrapper: dict[str, Any], inner: dict[str, Any] | str, depth: int) -> Found:
    if isinstance(inner, dict):
        return _find(inner, depth)
    text = strip_log_prefix(inner.strip().encode("utf-8", "replace"))[0].strip()
    if text.startswith(b"{"):
        return _find(_parse(text), depth)
    kind = kind_of_text(text)
    if kind is TextKind.AGENT_LOG:
        return record_in_log_line(text) or FoundLogLine()
    if kind is TextKind.HUMAN:
        raise RejectedRecordError(RejectReason.HUMAN_TEXT, "the log line within the wrapper is no JSON")
    if _is_agent_log(wrapper):
        return FoundLogLine()
    raise RejectedRecordError(RejectReason.NOT_JSON, "the log line within the wrapper is no JSON")


def _is_agent_log(value: dict[str, Any]) -> bool:
    """The agent's own lines with `--log-opt format=json`."""
    return "level" in value and ("msg" in value or "message" in value)


def _json_type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "an array"
        case _:
            return "an object"
