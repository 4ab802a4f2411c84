"""Edges with all their evidence, as the report shows them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

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
from recommender.report.figures import figure
from recommender.report.view_http import http_evidence_view
from recommender.report.view_time import iso_time

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from recommender.model.confidence import Confidence, ConfidencePart
    from recommender.model.recommendation import AssessedEdge, AssessedPolicy, Recommendation

Value = TypeVar("Value", bound="Hashable")
Viewed = TypeVar("Viewed")

_REASON_ORDER = tuple(OrientationReason)


def edges_view(recommendation: Recommendation) -> list[dict[str, Any]]:
    """Every edge, sorted by client, server, protocol and port, with the policies whose rules rest on it."""
    resting = _policies_by_edge(recommendation.policies)
    existing = _existing_by_edge(recommendation)
    ordered = sorted(recommendation.edges, key=lambda item: item.edge.sort_key)
    alike = _Alike()
    return [_edge_view(item, resting, existing, alike) for item in ordered]


class _Alike:
    """Values that come again in many edges, as one object each: nobody changes a view."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def end(self, end: End) -> dict[str, Any]:
        """One end of an edge."""
        return self._once(end, end_view)

    def texts(self, texts: tuple[str, ...]) -> list[str]:
        """Texts, sorted."""
        return self._once(texts, sorted)

    def part(self, part: ConfidencePart) -> dict[str, Any]:
        """One part of a confidence."""
        return self._once(part, _part_view)

    def verdicts(self, verdicts: VerdictMix) -> dict[str, int]:
        """What policies said."""
        return self._once(verdicts, _verdicts_view)

    def reasons(self, reasons: tuple[tuple[OrientationReason, int], ...]) -> list[dict[str, Any]]:
        """Why directions are as they are."""
        return self._once(reasons, _reasons_view)

    def _once(self, value: Value, view: Callable[[Value], Viewed]) -> Viewed:
        known: Viewed | None = self._known.get((view, value))
        if known is None:
            known = self._known[view, value] = view(value)
        return known


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
    item: AssessedEdge, resting: dict[str, set[str]], existing: dict[str, set[str]], alike: _Alike
) -> dict[str, Any]:
    edge = item.edge
    return {
        "id": edge.edge_id,
        "key": edge.key,
        "client": alike.end(edge.client),
        "server": alike.end(edge.server),
        "protocol": edge.protocol.value,
        "port": edge.port,
        "port_text": port_text(edge.protocol, edge.port),
        "client_group": item.client_group,
        "server_group": item.server_group,
        "disposition": item.decided.disposition.value,
        "reason": item.decided.reason,
        "by_person": item.decided.by_person,
        "confidence": confidence_view(item.confidence, alike.part),
        "recurrence": figure(item.recurrence),
        "allowed_by": sorted(resting.get(edge.edge_id, ())),
        "left_to": sorted(existing.get(edge.edge_id, ())),
        "evidence": _evidence_view(edge.evidence, alike),
    }


def port_text(protocol: Protocol, port: int, end_port: int = 0) -> str:
    """A port in words: `TCP 5432`, `TCP 50000-50100`, or `ICMPv4 type 8`."""
    if not protocol.has_ports:
        return f"{protocol} type {port}"
    return f"{protocol} {port}-{end_port}" if end_port else f"{protocol} {port}"


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


def confidence_view(
    confidence: Confidence, part_view: Callable[[ConfidencePart], dict[str, Any]] = _part_view
) -> dict[str, Any]:
    """A confidence with its parts, in the order in which they were weighed."""
    return {
        "value": figure(confidence.value),
        "band": confidence.band.value,
        "cap": confidence.cap,
        "scale": confidence.scale.value,
        "parts": [part_view(part) for part in confidence.parts],
    }


def _evidence_view(evidence: Evidence, alike: _Alike) -> dict[str, Any]:
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
        "verdicts": alike.verdicts(evidence.verdicts),
        "egress_verdicts": evidence.egress_verdicts,
        "ingress_verdicts": evidence.ingress_verdicts,
        "reasons": alike.reasons(evidence.reasons),
        "names": alike.texts(evidence.names),
        "client_addresses": alike.texts(evidence.client_addresses),
        "server_addresses": alike.texts(evidence.server_addresses),
        "services": alike.texts(evidence.services),
        "policies": alike.texts(evidence.policies),
        "egress_policies": alike.texts(evidence.egress_policies),
        "ingress_policies": alike.texts(evidence.ingress_policies),
        "egress_allowed": evidence.egress_allowed,
        "ingress_allowed": evidence.ingress_allowed,
        "broad_matches": evidence.broad_matches,
        "broad_policies": alike.texts(evidence.broad_policies),
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
