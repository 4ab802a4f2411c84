"""The capture, as the report shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from recommender.report.figures import figure
from recommender.report.view_time import iso_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.capture import Capture, ClassCount, FieldPresence, NodeCoverage, RejectCount

HOUR: Final = 3_600_000_000_000
"""Nanoseconds."""


def capture_view(capture: Capture) -> dict[str, Any]:
    """What was recorded, when, where, and what was lost or could not be read.

    Times are ISO 8601 in UTC, `hours` is the length of the window, counts are records unless their name says else.
    """
    return {
        "first_seen": iso_time(capture.first_seen),
        "last_seen": iso_time(capture.last_seen),
        "hours": figure(capture.hours, decimals=3),
        "flows": capture.flows,
        "repeats": capture.repeats,
        "selected_when_stored": capture.selected_when_stored,
        "record_kinds": list(capture.record_kinds),
        "clusters": sorted(capture.clusters),
        "nodes": [_node_view(node) for node in sorted(capture.nodes, key=lambda node: node.node)],
        "unavailable_nodes": sorted(capture.unavailable_nodes),
        "lost_events": capture.lost_events,
        "lost_by_source": _named_counts(capture.lost_by_source),
        "classes": [_class_view(item) for item in sorted(capture.classes, key=_class_order)],
        "rejects": [_reject_view(item) for item in sorted(capture.rejects, key=lambda r: (-r.lines, r.reason))],
        "reject_lines": sum(item.lines for item in capture.rejects),
        "other_records": _named_counts(capture.other_records),
        "emitters": _named_counts(capture.emitters),
        "verdict_flows": capture.verdict_flows,
        "audit_flows": capture.audit_flows,
        "trace_flows": capture.trace_flows,
        "reply_flows": capture.reply_flows,
        "aggregated_flows": capture.aggregated_flows,
        "late_openings": capture.late_openings,
        "late_unopened": capture.late_unopened,
        "fields": [_field_view(field) for field in sorted(capture.fields, key=lambda field: field.name)],
        "dns_answers": capture.dns_answers,
        "recorded_hours": [
            {"hour": iso_time(item.hour * HOUR), "flows": item.flows, "new_pods": item.new_pods}
            for item in capture.recorded_hours
        ],
    }


def _class_order(item: ClassCount) -> tuple[int, str]:
    return (-item.flows, item.flow_class.value)


def _node_view(node: NodeCoverage) -> dict[str, Any]:
    return {
        "node": node.node,
        "flows": node.flows,
        "first_seen": iso_time(node.first_seen),
        "last_seen": iso_time(node.last_seen),
        "active_hours": node.active_hours,
        "quiet_hour_flows": node.quiet_hour_flows,
        "silences": [
            {"start": iso_time(silence.start), "end": iso_time(silence.end), "hours": silence.hours}
            for silence in sorted(node.silences)
        ],
        "lost_events": node.lost_events,
        "lost_hours": node.lost_hours,
        "worst_loss_at": iso_time(node.worst_loss_at) if node.lost_hours else None,
        "clock_offset_ms": None if node.clock_offset is None else round(node.clock_offset / 1e6),
    }


def _field_view(field: FieldPresence) -> dict[str, Any]:
    return {
        "name": field.name,
        "expected": field.expected,
        "present": field.present,
        "absent_on": sorted(field.absent_on),
    }


def _class_view(item: ClassCount) -> dict[str, Any]:
    return {"class": item.flow_class.value, "flows": item.flows, "examples": list(item.examples)}


def _reject_view(item: RejectCount) -> dict[str, Any]:
    return {"reason": item.reason, "lines": item.lines, "examples": list(item.examples)}


def _named_counts(pairs: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"name": name, "count": count} for name, count in sorted(pairs, key=lambda pair: (-pair[1], pair[0]))]
