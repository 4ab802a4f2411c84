"""Other spellings of Hubble's JSON, brought back to the one that Cilium writes.

protojson without `UseProtoNames` (grpcurl, third-party exporters) writes camelCase. Programs that marshal the Go
structs with `encoding/json` write times as seconds and nanos, wrappers as `{"value": …}` and the transport under
`Protocol`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

_KNOWN: Final = (
    "node_name",
    "event_type",
    "sub_type",
    "traffic_direction",
    "is_reply",
    "trace_observation_point",
    "trace_reason",
    "policy_match_type",
    "drop_reason",
    "drop_reason_desc",
    "source_names",
    "destination_names",
    "source_service",
    "destination_service",
    "sock_xlate_point",
    "socket_cookie",
    "egress_allowed_by",
    "ingress_allowed_by",
    "egress_denied_by",
    "ingress_denied_by",
    "source_xlated",
    "source_port",
    "destination_port",
    "ingress_flow_count",
    "egress_flow_count",
    "unknown_direction_flow_count",
    "cluster_name",
    "pod_name",
    "lost_events",
    "num_events_lost",
    "node_status",
    "node_names",
    "state_change",
    "agent_event",
    "debug_event",
)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


SNAKE_CASE: Final = {_camel(name): name for name in _KNOWN}
_SECOND: Final = 1_000_000_000
_DEPTH: Final = 8
"""Flows nest less deeply than this; what lies deeper is not read."""


def respell(value: Any, depth: int = _DEPTH) -> Any:
    """The same JSON value with known keys in snake_case; a key spelled so already wins over its other spelling."""
    if isinstance(value, list):
        return [respell(item, depth - 1) for item in value] if depth else value
    if not isinstance(value, dict) or not depth:
        return value
    spelled = {key: respell(item, depth - 1) for key, item in value.items() if key not in SNAKE_CASE}
    for key, item in value.items():
        if key in SNAKE_CASE and spelled.get(SNAKE_CASE[key]) is None:
            spelled[SNAKE_CASE[key]] = respell(item, depth - 1)
    return spelled


def respell_flow(flow: dict[str, Any]) -> dict[str, Any]:
    """A flow object in Cilium's own spelling."""
    spelled: dict[str, Any] = respell(flow)
    if isinstance(spelled.get("is_reply"), dict):
        spelled["is_reply"] = spelled["is_reply"].get("value", False)
    transport = spelled.get("l4")
    if isinstance(transport, dict) and isinstance(transport.get("Protocol"), dict):
        spelled["l4"] = transport["Protocol"]
    if isinstance(spelled.get("time"), dict):
        spelled["time"] = _time_text(spelled["time"])
    return spelled


def _time_text(time: dict[str, Any]) -> Any:
    """A protobuf Timestamp object as RFC 3339 text; anything else as it is, for the decoder to refuse."""
    seconds, nanos = time.get("seconds"), time.get("nanos", 0)
    if not isinstance(seconds, int) or not isinstance(nanos, int) or not 0 <= nanos < _SECOND:
        return time
    try:
        moment = datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return time
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"
