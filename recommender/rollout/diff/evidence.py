"""What two reports saw: edges and findings that only one of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.rollout.diff.change import EvidenceChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.rollout.policy_side import PolicySide
    from recommender.semantics.recorded_report import RecordedEdge


def evidence_change(old: PolicySide, new: PolicySide) -> EvidenceChange | None:
    """The edges and findings that differ; None unless both sides have a report of their own."""
    if old.view is None or new.view is None or old.view == new.view:
        return None
    before, after = ({edge.key: edge for edge in side.report.edges} for side in (old, new))
    found, gone = _findings(old.view), _findings(new.view)
    return EvidenceChange(
        new_edges=_only(after, before),
        gone_edges=_only(before, after),
        new_findings=tuple(sorted(gone - found)),
        settled_findings=tuple(sorted(found - gone)),
    )


def _only(these: Mapping[str, RecordedEdge], others: Mapping[str, RecordedEdge]) -> tuple[RecordedEdge, ...]:
    return tuple(these[key] for key in sorted(these.keys() - others.keys()))


def _findings(view: Mapping[str, Any]) -> set[str]:
    return {f"{gap['code']} {gap['title']}: {gap['subject']}" for gap in view.get("gaps", ())}
