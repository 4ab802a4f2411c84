"""Edges with all their evidence, as the report shows them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, assert_never

from recommender.model.edge import (
    AddressEnd,
    End,
    EntityEnd,
    Evidence,
    FqdnEnd,
    OrientationReason,
    Protocol,
    VerdictMix,
    WorkloadEnd,
)
from recommender.report.alike import Alike
from recommender.report.figures import figure
from recommender.report.view_http import http_evidence_view
from recommender.report.view_time import iso_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.model.confidence import Confidence, ConfidencePart
    from recommender.model.recommendation import AssessedEdge, AssessedPolicy, Recommendation

_REASON_ORDER = tuple(OrientationReason)


def edges_view(recommendation: Recommendation) -> list[dict[str, Any]]:
    """Every edge, sorted by client, server, protocol and port, with the policies whose rules rest on it."""
    resting = _policies_by_edge(recommendation.policies)
    existing = _existing_by_edge(recommendation)
    ordered = sorted(recommendation.edges, key=lambda item: item.edge.sort_key)
    alike = Alike()
    return [_edge_view(item, resting, existing, alike) for item in ordered]


def _existing_by_edge(recommendation: Recommendation) -> dict[str, set[str]]:
    """The existing policies that an edge is left to, in one direction or both."""
    found: dict[str, set[str]] = defaultdict(set)
    written = (assessed.policy for assessed in recommendation.policies)
    for policy in (*written, *recommendation.existing.covered):
        for item in policy.left_out:
            for edge_id in item.rule.edges:
                found[edge_id].update(item.policies)
    return found


def _policies_by_edge(policies: Iterable[AssessedPolicy]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for assessed in policies:
        for rule in assessed.policy.rules:
            for edge_id in rule.edges:
                found[edge_id].add(assessed.policy.group.display)
    return found


def _edge_view(
    item: AssessedEdge, resting: dict[str, set[str]], existing: dict[str, set[str]], alike: Alike
) -> dict[str, Any]:
    edge = item.edge
    return {
        "id": edge.edge_id,
        "key": edge.key,
        "client": alike.once(edge.client, end_view),
        "server": alike.once(edge.server, end_view),
        "protocol": edge.protocol.value,
        "port": edge.port,
        "port_text": alike.once((edge.protocol, edge.port), _port_text),
        "client_group": item.client_group,
        "server_group": item.server_group,
        "disposition": item.decided.disposition.value,
        "reason": item.decided.reason,
        "by_person": item.decided.by_person,
        "confidence": confidence_view(item.confidence, alike),
        "recurrence": figure(item.recurrence),
        "allowed_by": alike.once(frozenset(resting.get(edge.edge_id, ())), sorted),
        "left_to": alike.once(frozenset(existing.get(edge.edge_id, ())), sorted),
        "evidence": _evidence_view(edge.evidence, alike),
    }


def port_text(protocol: Protocol, port: int, end_port: int = 0) -> str:
    """A port in words: `TCP 5432`, `TCP 50000-50100`, or `ICMPv4 type 8`."""
    if not protocol.has_ports:
        return f"{protocol} type {port}"
    return f"{protocol} {port}-{end_port}" if end_port else f"{protocol} {port}"


def _port_text(port: tuple[Protocol, int]) -> str:
    return port_text(*port)


def end_view(end: End) -> dict[str, Any]:
    """One end of an edge; `text` names it in full, `namespace` is empty unless it is a workload."""
    match end:
        case WorkloadEnd():
            return _end("workload", str(end), name=end.name, space=end.namespace, cluster=end.cluster, owner=end.kind)
        case EntityEnd():
            return _end("entity", str(end), name=end.entity.value)
        case FqdnEnd():
            return _end("fqdn", str(end), name=end.name)
        case AddressEnd():
            return _end("address", str(end), name=end.address)
        case _:
            assert_never(end)


def _end(kind: str, text: str, *, name: str, space: str = "", cluster: str = "", owner: str = "") -> dict[str, Any]:
    return {"kind": kind, "text": text, "name": name, "namespace": space, "cluster": cluster, "owner_kind": owner}


def _part_view(part: ConfidencePart) -> dict[str, Any]:
    return {"name": part.name, "sentence": part.sentence, "value": figure(part.value)}


def confidence_view(confidence: Confidence, alike: Alike | None = None) -> dict[str, Any]:
    """A confidence with its parts, in the order in which they were weighed."""
    alike = alike or Alike()
    return {
        "value": figure(confidence.value),
        "band": confidence.band.value,
        "cap": confidence.cap,
        "scale": confidence.scale.value,
        "parts": [alike.once(part, _part_view) for part in confidence.parts],
    }


def _evidence_view(evidence: Evidence, alike: Alike) -> dict[str, Any]:
    return {
        "connections": evidence.connections,
        "flows": evidence.flows,
        "answered": evidence.answered,
        "refused": evidence.refused,
        "unopened": evidence.unopened,
        "turned_around": evidence.turned_around,
        "from_own_node": evidence.from_own_node,
        "client_pods": evidence.client_pods,
        "server_pods": evidence.server_pods,
        "client_nodes": evidence.client_nodes,
        "server_nodes": evidence.server_nodes,
        "both_sides": evidence.both_sides,
        "first_seen": iso_time(evidence.first_seen) if evidence.seen else None,
        "last_seen": iso_time(evidence.last_seen) if evidence.seen else None,
        "active_hours": evidence.active_hours,
        "activity": evidence.activity.hex(),
        "active_six_hours": evidence.active_six_hours,
        "active_days": evidence.active_days,
        "verdicts": alike.once(evidence.verdicts, _verdicts_view),
        "egress_verdicts": evidence.egress_verdicts,
        "ingress_verdicts": evidence.ingress_verdicts,
        "reasons": alike.once(evidence.reasons, _reasons_view),
        "names": alike.once(evidence.names, sorted),
        "client_addresses": alike.once(evidence.client_addresses, sorted),
        "server_addresses": alike.once(evidence.server_addresses, sorted),
        "services": alike.once(evidence.services, sorted),
        "policies": alike.once(evidence.policies, sorted),
        "egress_policies": alike.once(evidence.egress_policies, sorted),
        "ingress_policies": alike.once(evidence.ingress_policies, sorted),
        "egress_allowed": evidence.egress_allowed,
        "ingress_allowed": evidence.ingress_allowed,
        "broad_matches": evidence.broad_matches,
        "broad_policies": alike.once(evidence.broad_policies, sorted),
        "sample_uuids": sorted(evidence.sample_uuids),
        "http": http_evidence_view(evidence.http),
    }


def _verdicts_view(verdicts: VerdictMix) -> dict[str, int]:
    return {
        "explicitly_denied": verdicts.explicitly_denied,
        "denied": verdicts.denied,
        "audited": verdicts.audited,
        "allowed_by_policy": verdicts.allowed_by_policy,
        "no_verdict": verdicts.no_verdict,
    }


def _reasons_view(reasons: Sequence[tuple[OrientationReason, int]]) -> list[dict[str, Any]]:
    ordered = sorted(reasons, key=lambda pair: (_REASON_ORDER.index(pair[0]), -pair[1]))
    return [{"reason": reason.value, "connections": count} for reason, count in ordered]
