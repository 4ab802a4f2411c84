"""Gaps, losses of the dialect and the replay proof, as the report shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.report.view_http import request_proof_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from recommender.model.gap import Gap
    from recommender.model.manifest import DialectLoss
    from recommender.model.replay import Denial, ReplayProof


def gaps_view(
    gaps: Iterable[Gap], decided: Callable[[str], dict[str, Any] | None] = lambda _: None
) -> list[dict[str, Any]]:
    """Every gap, most severe first; `decided` tells by its fingerprint what a person said about one."""
    ordered = sorted(gaps, key=lambda gap: (gap.sort_key, -gap.count, gap.examples))
    return [gap_view(gap, decided(gap.fingerprint)) for gap in ordered]


def gap_view(gap: Gap, decision: dict[str, Any] | None) -> dict[str, Any]:
    """One gap, and what a person said about it."""
    return {
        "fingerprint": gap.fingerprint,
        "code": gap.code,
        "title": gap.title,
        "severity": gap.severity.value,
        "subject": gap.subject,
        "reason": gap.reason,
        "impact": gap.impact,
        "action": gap.action,
        "count": gap.count,
        "examples": list(gap.examples),
        "facts": list(gap.facts),
        "decision": decision,
    }


def losses_view(losses: Iterable[DialectLoss]) -> list[dict[str, Any]]:
    """What the dialect could not say exactly, by policy and subject."""
    ordered = sorted(losses, key=lambda loss: (loss.policy, loss.subject, loss.wanted, loss.written))
    return [
        {
            "policy": loss.policy,
            "subject": loss.subject,
            "wanted": loss.wanted,
            "written": loss.written,
            "wider": loss.wider,
            "edges": sorted(loss.edges),
        }
        for loss in ordered
    ]


def proof_view(proof: ReplayProof) -> dict[str, Any]:
    """Whether everything needed still passes, in one sentence, in counts and edge by edge."""
    return {
        "holds": proof.holds,
        "sentence": proof.sentence,
        "edges": proof.edges,
        "allowed": proof.allowed,
        "manifests": proof.manifests,
        "broken": _denials_view(proof.broken),
        "excluded": _denials_view(proof.excluded),
        "left_out": proof.left_out,
        "still_open": sorted(proof.still_open),
        "http": {
            **request_proof_view(proof.http),
            "broken": _denials_view(proof.http.broken),
            "cut_by_existing": _denials_view(proof.http.cut_by_existing),
        },
        "existing": proof.existing,
        "dependent": _denials_view(proof.dependent),
        "attested": _denials_view(proof.attested),
        "cut_by_existing": _denials_view(proof.cut_by_existing),
        "open_by_existing": _denials_view(proof.open_by_existing),
    }


def _denials_view(denials: Iterable[Denial]) -> list[dict[str, Any]]:
    ordered = sorted(denials, key=lambda denial: (denial.edge, denial.direction, denial.reason))
    return [
        {"edge_id": item.edge_id, "edge": item.edge, "direction": item.direction, "reason": item.reason}
        for item in ordered
    ]
