"""Decisions and what became of them, as the report shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.model.decision import Standing
from recommender.report.view_findings import proof_view

if TYPE_CHECKING:
    from recommender.model.decision import Decisions, Followed, Judged, Signed
    from recommender.model.recommendation import Recommendation


def decisions_view(recommendation: Recommendation) -> dict[str, Any] | None:
    """The decisions file in short: what it was, where the policies went, what lapsed; None if there was none."""
    followed = recommendation.followed
    if not followed.decisions.given:
        return None
    proof = recommendation.approved_proof
    standings = [item.standing for item in followed.items.values()]
    return {
        "source": followed.decisions.source,
        "digest": followed.decisions.digest,
        "report": followed.decisions.report,
        "standings": {standing.value: standings.count(standing) for standing in Standing},
        "lapsed": [
            {"item": item.item, "decision": item.choice.value if item.choice else "", "reason": item.lapsed}
            for item in followed.items.values()
            if item.lapsed
        ],
        "kept": list(followed.kept),
        **told_view(followed.decisions),
        "approved_proof": None if proof is None else proof_view(proof),
    }


def told_view(decisions: Decisions) -> dict[str, Any]:
    """Every decision as it stood in the file, for the page to hand on: also those about what this run does not hold."""
    return {
        "policies": [
            {"policy": one.policy, "digest": one.digest, "decision": one.choice.value, **signed_view(one.signed)}
            for one in decisions.policies
        ],
        "edges": [
            {"edge": one.edge, "decision": one.choice.value, **signed_view(one.signed)} for one in decisions.edges
        ],
        "rules": [
            {
                "policy": one.policy,
                "rule": one.rule,
                "edges": list(one.edges),
                "decision": one.choice.value,
                **signed_view(one.signed),
            }
            for one in decisions.rules
        ],
        "findings": [
            {"finding": one.fingerprint, "decision": one.choice.value, **signed_view(one.signed)}
            for one in decisions.findings
        ],
    }


def standing_view(followed: Followed, item: str) -> dict[str, Any]:
    """One policy or baseline: the digest that a decision names, what was decided, and where its manifests go."""
    judged = followed.items.get(item)
    return {
        "item": item,
        "digest": judged.digest if judged else "",
        "standing": followed.standing(item).value,
        "decision": None if judged is None or judged.choice is None else _decision(judged),
    }


def _decision(judged: Judged) -> dict[str, Any]:
    choice = judged.choice.value if judged.choice else ""
    return {"decision": choice, "lapsed": judged.lapsed, **signed_view(judged.signed)}


def finding_decision_view(followed: Followed, fingerprint: str) -> dict[str, Any] | None:
    """What was decided about a finding; None if nothing was, or if it expired."""
    said = followed.findings.get(fingerprint)
    return None if said is None else {"decision": said.choice.value, "lapsed": "", **signed_view(said.signed)}


def signed_view(signed: Signed) -> dict[str, str]:
    """Who decided, why and until when."""
    return {
        "reviewer": signed.reviewer,
        "note": signed.note,
        "expires": signed.expires.isoformat() if signed.expires else "",
    }
