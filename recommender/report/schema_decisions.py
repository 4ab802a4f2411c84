"""The JSON Schema of what is said about decisions."""

from __future__ import annotations

from typing import Any

from recommender.model.decision import Choice, EdgeChoice, FindingChoice, RuleChoice, Standing
from recommender.report.schema_types import COUNT, TEXT, TEXTS, Schema, choice, list_of, nullable, record, reference

_SIGNED: dict[str, Any] = {"reviewer": TEXT, "note": TEXT, "expires": TEXT}


def decisions_schema() -> Schema:
    """The decisions file that a run was told, or null."""
    return nullable(
        record(
            source=TEXT,
            digest=TEXT,
            report=TEXT,
            standings=record(**{standing.value: COUNT for standing in Standing}),
            lapsed=list_of(record(item=TEXT, decision=TEXT, reason=TEXT)),
            kept=TEXTS,
            policies=list_of(record(policy=TEXT, digest=TEXT, decision=choice(Choice), **_SIGNED)),
            edges=list_of(record(edge=TEXT, decision=choice(EdgeChoice), **_SIGNED)),
            rules=list_of(record(policy=TEXT, rule=TEXT, edges=TEXTS, decision=choice(RuleChoice), **_SIGNED)),
            findings=list_of(record(finding=TEXT, decision=choice(FindingChoice), **_SIGNED)),
            approved_proof=nullable(reference("proof")),
        )
    )


def standing_fields() -> dict[str, Any]:
    """The fields of a policy or shared baseline that decisions are about."""
    return {
        "item": TEXT,
        "digest": TEXT,
        "standing": choice(Standing),
        "decision": nullable(record(decision=choice(Choice), lapsed=TEXT, **_SIGNED)),
    }


def finding_decision_schema() -> Schema:
    """What was decided about a finding, or null."""
    return nullable(record(decision=choice(FindingChoice), lapsed=TEXT, **_SIGNED))
