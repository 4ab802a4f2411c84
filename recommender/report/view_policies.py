"""Policies with their rules, evidence and manifests, as the report shows them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from recommender.report.alike import Alike
from recommender.report.figures import figure
from recommender.report.view_decisions import standing_view
from recommender.report.view_edges import confidence_view, port_text
from recommender.report.view_existing import isolated_by_view, left_out_views
from recommender.report.view_groups import group_order
from recommender.report.view_http import http_rules_view
from recommender.report.view_peers import peer_view
from recommender.report.view_scores import verdict_view
from recommender.report.view_time import iso_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.manifest import Manifest
    from recommender.model.policy import PortName, PortRule, Rule
    from recommender.model.recommendation import AssessedEdge, AssessedPolicy, Recommendation
    from recommender.model.widening import Widening


def policies_view(recommendation: Recommendation) -> list[dict[str, Any]]:
    """Every policy, sorted by its group; rules are sorted by direction, baseline, peer and ports."""
    by_id = {item.edge.edge_id: item for item in recommendation.edges}
    ordered = sorted(
        recommendation.policies, key=lambda assessed: (group_order(assessed.policy.group), assessed.policy.name)
    )
    replaced: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for change in recommendation.existing.text_changes:
        replaced[change.policy].append({"name": change.against, "lines": list(change.lines)})
    alike = Alike()
    return [
        {
            **_policy_view(assessed, by_id, alike),
            **standing_view(recommendation.followed, assessed.policy.item),
            "replaces": replaced[assessed.policy.name],
        }
        for assessed in ordered
    ]


def _policy_view(assessed: AssessedPolicy, edges: Mapping[str, AssessedEdge], alike: Alike) -> dict[str, Any]:
    policy = assessed.policy
    return {
        "name": policy.name,
        "cluster": policy.group.cluster,
        "namespace": policy.group.namespace,
        "group": policy.group.display,
        "step": policy.step.value if policy.step else "",
        "isolate_ingress": policy.isolate_ingress,
        "isolate_egress": policy.isolate_egress,
        "needs_dns_proxy": policy.needs_dns_proxy,
        "confidence": confidence_view(assessed.confidence),
        "verdict": verdict_view(assessed.verdict),
        "left_out": left_out_views(policy),
        "isolated_by": isolated_by_view(policy),
        "rules": [_rule_view(rule, edges, alike) for rule in sorted(policy.rules, key=lambda rule: rule.sort_key)],
        "manifests": [manifest_view(item) for item in sorted(assessed.manifests, key=lambda item: item.path)],
    }


def manifest_view(manifest: Manifest) -> dict[str, Any]:
    """One file: its path below the output directory and its text."""
    return {"path": manifest.path, "policy": manifest.policy, "text": manifest.text}


def _rule_view(rule: Rule, edges: Mapping[str, AssessedEdge], alike: Alike) -> dict[str, Any]:
    return {
        "direction": rule.direction.value,
        "baseline": rule.baseline.value if rule.baseline else "",
        "peer": peer_view(rule.peer, alike),
        "ports": alike.once((rule.ports, rule.port_names), _ports_view),
        "widenings": alike.once(rule.widenings, _widenings_view),
        "edges": sorted(rule.edges),
        "evidence": _rule_evidence([edges[edge_id] for edge_id in sorted(rule.edges) if edge_id in edges]),
        "http": alike.once(rule.http, http_rules_view),
    }


def _ports_view(ports: tuple[tuple[PortRule, ...], tuple[PortName, ...]]) -> list[dict[str, Any]]:
    rules, names = ports
    return [
        {
            "protocol": port.protocol.value,
            "port": port.port,
            "end_port": port.last,
            "text": port_text(port.protocol, port.port, port.end_port),
            "names": [named.name for named in names if named.port == port],
        }
        for port in sorted(rules)
    ]


def _widenings_view(widenings: Iterable[Widening]) -> list[dict[str, Any]]:
    """What a rule opens beyond what was seen; `opened` is null where there is no end to it."""
    return [
        {
            "kind": widening.kind.value,
            "seen": widening.seen,
            "opened": widening.opened,
            "sentence": widening.sentence,
        }
        for widening in widenings
    ]


def _rule_evidence(items: list[AssessedEdge]) -> dict[str, Any] | None:
    """What the edges behind a rule add up to; None for a rule that rests on none (a baseline, a decision)."""
    items = [item for item in items if item.edge.evidence.seen]
    if not items:
        return None
    evidences = [item.edge.evidence for item in items]
    return {
        "edges": len(items),
        "connections": sum(evidence.connections for evidence in evidences),
        "most_active_days": max(evidence.active_days for evidence in evidences),
        "last_seen": iso_time(max(evidence.last_seen for evidence in evidences)),
        "lowest_confidence": figure(min(item.confidence.value for item in items)),
    }
