"""Decoded batches from small row dicts: a test names only the columns that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from recommender.model.decoded import DecodedBatch
from recommender.model.flow_schema import (
    ENDPOINT_SCHEMA,
    EVENT_SCHEMA,
    FLOW_SCHEMA,
    LABEL_SET_SCHEMA,
    REJECT_SCHEMA,
)
from recommender.model.selection import Condition, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]

START = 1_790_000_000_000_000_000
SECOND = 10**9
EVERYTHING = Selection()


def flow(number: int, **columns: Any) -> Row:
    """A flow whose id and time follow from its number."""
    return {
        "event_id": (number * 0x9E3779B97F4A7C15) % 2**64,
        "uuid": f"uuid-{number}",
        "time": START + number * SECOND,
        "node": "node-a",
        "event_type": 5 if number % 4 == 0 else 4,
        "verdict": "FORWARDED",
        "events": 1,
        **columns,
    }


def endpoint(number: int, **columns: Any) -> Row:
    return {"endpoint_id": number, "local": True, "identity": 1000 + number, **columns}


def label_set(number: int, *labels: str) -> Row:
    return {"label_set_id": number, "labels": sorted(labels)}


def event(number: int, kind: str = "lost_events", **columns: Any) -> Row:
    return {"event_id": number, "kind": kind, "time": START + number * SECOND, "count": 1, **columns}


def reject(line: int, reason: str = "not-json", file: str = "flows.log") -> Row:
    return {"reason": reason, "file": file, "line": line, "first_bytes": "{oops"}


def batch(
    flows: Iterable[Row] = (),
    *,
    endpoints: Iterable[Row] = (),
    label_sets: Iterable[Row] = (),
    events: Iterable[Row] = (),
    rejects: Iterable[Row] = (),
    bytes_read: int = 100,
) -> DecodedBatch:
    return DecodedBatch(
        flows=_table(flows, FLOW_SCHEMA),
        endpoints=_table(endpoints, ENDPOINT_SCHEMA),
        label_sets=_table(label_sets, LABEL_SET_SCHEMA),
        events=_table(events, EVENT_SCHEMA),
        rejects=_table(rejects, REJECT_SCHEMA),
        bytes_read=bytes_read,
    )


def _table(rows: Iterable[Row], schema: pa.Schema) -> pa.RecordBatch:
    listed = list(rows)
    unknown = {name for row in listed for name in row} - set(schema.names)
    assert not unknown, unknown
    return pa.RecordBatch.from_arrays(
        [pa.array([row.get(field.name) for row in listed], field.type) for field in schema], schema=schema
    )


def only(flag: str, *values: str) -> Selection:
    return Selection(wanted=(Condition(flag=flag, values=values),))


def without(flag: str, *values: str) -> Selection:
    return Selection(unwanted=(Condition(flag=flag, values=values),))
