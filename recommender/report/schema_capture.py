"""The capture in the report's schema."""

from __future__ import annotations

from recommender.model.capture import FlowClass
from recommender.report.schema_types import (
    COUNT,
    FLAG,
    TEXT,
    TEXTS,
    TIME,
    Schema,
    choice,
    list_of,
    nullable,
    record,
    reference,
)


def capture_schema() -> Schema:
    """What was captured, and what the capture missed."""
    counts = (
        "flows repeats lost_events reject_lines verdict_flows audit_flows trace_flows reply_flows aggregated_flows "
        "late_openings late_unopened dns_answers"
    )
    return record(
        first_seen=TIME,
        last_seen=TIME,
        hours={"type": "number"},
        clusters=TEXTS,
        nodes=list_of(_node()),
        fields=list_of(record(name=TEXT, expected=COUNT, present=COUNT, absent_on=TEXTS)),
        unavailable_nodes=TEXTS,
        selected_when_stored=FLAG,
        record_kinds=TEXTS,
        lost_by_source=list_of(reference("named_count")),
        classes=list_of(record(**{"class": choice(FlowClass)}, flows=COUNT, examples=TEXTS)),
        rejects=list_of(record(reason=TEXT, lines=COUNT, examples=TEXTS)),
        other_records=list_of(reference("named_count")),
        emitters=list_of(reference("named_count")),
        recorded_hours=list_of(record(hour=TIME, flows=COUNT, new_pods=COUNT)),
        **dict.fromkeys(counts.split(), COUNT),
    )


def _node() -> Schema:
    return record(
        node=TEXT,
        first_seen=TIME,
        last_seen=TIME,
        silences=list_of(record(start=TIME, end=TIME, hours=COUNT)),
        worst_loss_at=nullable(TIME),
        clock_offset_ms=nullable({"type": "integer"}),
        **dict.fromkeys(["flows", "active_hours", "quiet_hour_flows", "lost_events", "lost_hours"], COUNT),
    )
