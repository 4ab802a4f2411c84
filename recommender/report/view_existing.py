"""Policies that are there already, as the report shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.model.existing import AdviceKind, ExistingUse, PolicyFate
from recommender.report.view_edges import port_text
from recommender.report.view_peers import peer_view
from recommender.report.view_time import iso_time
from recommender.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.existing import ExistingPolicies, ExistingRule
    from recommender.model.policy import LeftOut, Policy
    from recommender.model.recommendation import Recommendation

_HOW = (
    "each existing policy read from the inventory and judged by the same evaluator as the manifests; a rule counts as "
    "used if it let a stored edge through that is not in quarantine; nothing is ever removed by itself"
)


def existing_view(recommendation: Recommendation) -> dict[str, Any]:
    """What was made of the existing policies, their rules with their use, and what could go."""
    existing = recommendation.existing
    written = [assessed.policy for assessed in recommendation.policies]
    ordered = sorted((*written, *existing.covered), key=lambda policy: policy.group.display)
    return {
        "use": existing.use.value,
        "note": existing.note,
        "sentence": _sentence(existing, ordered),
        "policies": _policies(existing),
        "rules": [
            _rule_view(rule)
            for rule in sorted(existing.rules, key=lambda rule: (rule.policy, rule.direction, rule.path))
        ],
        "advice": _advice(existing),
        "left_out": [{"group": policy.group.display, **item} for policy in ordered for item in left_out_views(policy)],
        "covered_groups": sorted(policy.group.display for policy in existing.covered),
        "lifted": [
            {"group": group, "rule": rule, "policies": sorted(policies)}
            for group, rule, policies in sorted(existing.lifted)
        ],
        "changes": [
            {"source": item.source, "destination": item.destination, "before": item.before, "after": item.after}
            for item in sorted(existing.changes, key=lambda item: (item.source, item.destination))
        ],
        "changes_known": existing.changes_known,
        "how": _HOW,
    }


def _policies(existing: ExistingPolicies) -> list[dict[str, Any]]:
    ordered = sorted(existing.policies, key=lambda policy: (policy.name, policy.fate, policy.reason))
    return [
        {
            "name": policy.name,
            "fate": policy.fate.value,
            "reason": policy.reason,
            "selects": policy.selects,
            "document": policy.document,
        }
        for policy in ordered
    ]


def _advice(existing: ExistingPolicies) -> list[dict[str, Any]]:
    """Most severe first."""
    ordered = sorted(existing.advice, key=lambda item: (item.severity.rank, item.kind, item.policy, item.path))
    return [
        {
            "kind": item.kind.value,
            "policy": item.policy,
            "path": item.path,
            "severity": item.severity.value,
            "confidence": item.confidence.value,
            "reason": item.reason,
        }
        for item in ordered
    ]


def left_out_views(policy: Policy) -> list[dict[str, Any]]:
    """The rules of a policy that existing policies say already, and which."""
    ordered = sorted(policy.left_out, key=lambda item: (item.rule.sort_key, sorted(item.policies)))
    return [_left_out_view(item) for item in ordered]


def _left_out_view(item: LeftOut) -> dict[str, Any]:
    rule = item.rule
    return {
        "direction": rule.direction.value,
        "baseline": rule.baseline.value if rule.baseline else "",
        "peer": peer_view(rule.peer),
        "ports": [port_text(port.protocol, port.port) for port in sorted(rule.ports)],
        "edges": sorted(rule.edges),
        "policies": sorted(item.policies),
        "layer7": item.layer7,
        "by_name": item.by_name,
    }


def isolated_by_view(policy: Policy) -> list[dict[str, Any]]:
    """The directions that existing policies isolate in its stead."""
    return [
        {"direction": direction.value, "policies": sorted(policies)}
        for direction, policies in sorted(policy.isolated_by)
    ]


def _rule_view(rule: ExistingRule) -> dict[str, Any]:
    return {
        "policy": rule.policy,
        "path": rule.path,
        "direction": rule.direction.value,
        "text": rule.text,
        "opening": rule.opening.value,
        "ports": rule.ports,
        "unresolved": rule.unresolved,
        "subjects": sorted(rule.subjects),
        "unobserved": sorted(rule.unobserved),
        "scheduled": sorted(rule.scheduled),
        "known_peers": rule.known_peers,
        "used_peers": rule.used_peers,
        "used_outside": rule.used_outside,
        "used_ports": sorted(rule.used_ports),
        "edges": sorted(rule.edges),
        "suspicious": sorted(rule.suspicious),
        "connections": rule.connections,
        "last_used": iso_time(rule.last_used) if rule.edges else None,
    }


def _sentence(existing: ExistingPolicies, policies: Iterable[Policy]) -> str:
    """Everything in one line; empty if nothing is known of any policy."""
    if existing.use is ExistingUse.IGNORE:
        return "left aside as told"
    known = counted(len(existing.policies), "policy", "policies")
    if existing.note:
        return f"not taken into account: {existing.note}"
    if not existing.policies:
        return ""
    advice = [item.kind for item in existing.advice]
    fates = {fate: len(existing.of_fate(fate)) for fate in PolicyFate}
    left_out = [item for policy in policies for item in policy.left_out]
    own = fates[PolicyFate.REPLACED] + fates[PolicyFate.LEFTOVER]
    parts = (
        (existing.count, f"{existing.count} judged"),
        (len(left_out), f"{counted(len(left_out), 'rule')} not repeated"),
        (len(existing.covered), f"{counted(len(existing.covered), 'group')} fully covered"),
        (advice.count(AdviceKind.RETIRE), f"{advice.count(AdviceKind.RETIRE)} to retire"),
        (advice.count(AdviceKind.TIGHTEN), f"{advice.count(AdviceKind.TIGHTEN)} to tighten"),
        (fates[PolicyFate.UNJUDGED], f"{fates[PolicyFate.UNJUDGED]} could not be judged"),
        (fates[PolicyFate.NAMED], f"{fates[PolicyFate.NAMED]} known by name only"),
        (own, f"{own} of an earlier run, {counted(len(existing.changes), 'pair')} changed"),
    )
    return f"{known}: {', '.join(text for count, text in parts if count)}"
