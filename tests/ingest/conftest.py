from __future__ import annotations

import copy
import io
import json
from dataclasses import dataclass
from typing import Any

import pytest

from recommender.ingest import Source, decode
from recommender.model.flow_schema import (
    ENDPOINT_SCHEMA,
    EVENT_SCHEMA,
    FLOW_SCHEMA,
    LABEL_SET_SCHEMA,
    REJECT_SCHEMA,
)

_FLOW = {
    "time": "2026-09-13T10:57:30.264664045Z",
    "uuid": "dbd0263c-fcea-4a28-a641-e9fb6474d9a3",
    "verdict": "FORWARDED",
    "IP": {"source": "10.244.1.5", "destination": "10.244.2.7", "ipVersion": "IPv4"},
    "l4": {"TCP": {"source_port": 40000, "destination_port": 5432, "flags": {"SYN": True}}},
    "source": {
        "ID": 7,
        "identity": 1001,
        "namespace": "shop",
        "labels": ["k8s:app=web", "k8s:io.kubernetes.pod.namespace=shop"],
        "pod_name": "web-1",
        "workloads": [{"name": "web", "kind": "Deployment"}],
    },
    "destination": {"identity": 1002, "namespace": "shop", "labels": ["k8s:app=db"], "pod_name": "db-0"},
    "Type": "L3_L4",
    "node_name": "east/node-a",
    "event_type": {"type": 4, "sub_type": 4},
    "traffic_direction": "EGRESS",
    "trace_observation_point": "TO_OVERLAY",
    "trace_reason": "NEW",
    "is_reply": False,
    "Summary": "TCP Flags: SYN",
}


@dataclass(frozen=True, kw_only=True)
class Decoded:
    flows: list[dict[str, Any]]
    endpoints: list[dict[str, Any]]
    label_sets: list[dict[str, Any]]
    events: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    bytes_read: int

    @property
    def reasons(self) -> list[str]:
        return [reject["reason"] for reject in self.rejects]

    @property
    def event_ids(self) -> set[int]:
        return {flow["event_id"] for flow in self.flows}


_SCHEMAS = {
    "flows": FLOW_SCHEMA,
    "endpoints": ENDPOINT_SCHEMA,
    "label_sets": LABEL_SET_SCHEMA,
    "events": EVENT_SCHEMA,
    "rejects": REJECT_SCHEMA,
}


def _collect(sources, *, strict=False) -> Decoded:
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in _SCHEMAS}
    bytes_read = 0
    for batch in decode(sources, strict=strict):
        bytes_read += batch.bytes_read
        for name, schema in _SCHEMAS.items():
            table = getattr(batch, name)
            assert table.schema.equals(schema)
            table.validate(full=True)
            # Timestamps are compared as nanoseconds.
            if "time" in schema.names:
                position = schema.get_field_index("time")
                table = table.set_column(position, "time", table.column("time").cast("int64"))
            tables[name] += table.to_pylist()
    return Decoded(**tables, bytes_read=bytes_read)


@pytest.fixture
def decode_sources():
    return _collect


@pytest.fixture
def decode_bytes():
    def run(*contents: bytes, strict: bool = False) -> Decoded:
        sources = [
            Source(name=f"capture-{number}.json", stream=io.BytesIO(content)) for number, content in enumerate(contents)
        ]
        return _collect(sources, strict=strict)

    return run


@pytest.fixture
def make_flow():
    """A flow; keyword arguments replace fields, None leaves them out."""

    def make(**changes: Any) -> dict[str, Any]:
        flow = copy.deepcopy(_FLOW) | changes
        return {key: value for key, value in flow.items() if value is not None}

    return make


@pytest.fixture
def wrap():
    """A flow in Hubble's envelope as its encoder writes it, one line of bytes without newline."""

    def line(flow: dict[str, Any]) -> bytes:
        outer = {"flow": flow, "node_name": flow.get("node_name"), "time": flow.get("time")}
        kept = {key: value for key, value in outer.items() if value is not None}
        return json.dumps(kept, separators=(",", ":")).encode()

    return line
