"""A difference as plain JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.rollout.diff.change import ChangeKind
from recommender.semantics.port_spans import spans_text

if TYPE_CHECKING:
    from recommender.rollout.diff.change import ConnectionChange, EvidenceChange, PolicyDiff
    from recommender.semantics.recorded_report import RecordedEdge

SCHEMA_VERSION = 1


def diff_view(diff: PolicyDiff) -> dict[str, Any]:
    """Everything that differs; ports as texts such as `TCP/443, UDP/53`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "old": diff.old,
        "new": diff.new,
        "counts": {**counts(diff), "workloads": diff.workloads, "pairs": diff.pairs, "existing": diff.existing},
        "connections": [_connection(change) for change in diff.connections],
        "requests": [
            {
                "from": item.source,
                "to": item.destination,
                "port": item.port,
                "gained": list(item.gained),
                "lost": list(item.lost),
            }
            for item in diff.requests
        ],
        "isolation": [
            {"workload": item.workload, "direction": item.direction.value, "isolated": item.isolated}
            for item in diff.isolation
        ],
        "policies": [
            {"policy": item.name, "change": item.change, "text": "\n".join(item.text)} for item in diff.policies
        ],
        "cut": [edge.key for edge in diff.cuts],
        "evidence": None if diff.evidence is None else _evidence(diff.evidence),
        "unjudged": [{"policy": name, "reason": reason} for name, reason in diff.unjudged],
    }


def counts(diff: PolicyDiff) -> dict[str, int]:
    """Changes by kind, in the order in which a reviewer looks at them."""
    return {kind.value: sum(change.kind is kind for change in diff.connections) for kind in ChangeKind} | {
        "cut": len(diff.cuts)
    }


def _connection(change: ConnectionChange) -> dict[str, Any]:
    return {
        "from": change.source,
        "to": change.destination,
        "change": change.kind.value,
        "before": spans_text(change.before),
        "after": spans_text(change.after),
        "gained": spans_text(change.gained),
        "lost": spans_text(change.lost),
        "partial": change.partial,
        "because": list(change.because),
        "seen": [_edge(edge) for edge in change.seen],
        "cut": [edge.key for edge in change.cuts],
    }


def _edge(edge: RecordedEdge) -> dict[str, Any]:
    return {
        "edge": edge.key,
        "disposition": edge.disposition,
        "connections": edge.connections,
        "active_days": edge.active_days,
        "last_seen": edge.last_seen,
        "confidence": edge.confidence,
    }


def _evidence(change: EvidenceChange) -> dict[str, Any]:
    return {
        "new_edges": [_edge(edge) for edge in change.new_edges],
        "gone_edges": [_edge(edge) for edge in change.gone_edges],
        "new_findings": list(change.new_findings),
        "settled_findings": list(change.settled_findings),
    }
