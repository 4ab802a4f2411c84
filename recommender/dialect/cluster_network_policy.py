"""Policies as ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2), and what that API cannot say.

It has no default deny, so least privilege is an order: accept what is needed, deny the rest. In egress, accepts of pods
stand before a deny of all pods, and accepts of what is outside after it, since `networks` match pods too; a deny of all
networks ends it. Ingress knows pods only, so what comes from elsewhere can be neither named nor denied. Only fields of
the API's standard channel are written: no `nodes`, no `domainNames`. All stands in the Baseline tier (ADR 9).
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final, assert_never

from recommender.dialect.addresses import EVERYWHERE
from recommender.dialect.header import metadata
from recommender.dialect.interface import Said
from recommender.dialect.losses import NOTHING, loss_of
from recommender.dialect.lossy_rules import SaidRule, say_direction
from recommender.dialect.outside import NO_PODS, addresses_of_name, entity_loss
from recommender.dialect.pods_by_labels import (
    account_loss,
    merged_policy,
    namespace_labels,
    pod_labels,
    unnamed_group,
    unsaid_icmp,
    unsaid_policy,
)
from recommender.dialect.wording import peer_text
from recommender.dialect.yaml_text import Commented
from recommender.model.manifest import DialectLoss
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.dialect.evidence_comment import EvidenceText
    from recommender.dialect.yaml_text import Node
    from recommender.model.group import Group, Selector
    from recommender.model.policy import Peer, Policy, PortRule, Rule

MAX_RULES: Final = 25
"""Rules of one direction in one object that the CRD accepts."""
MAX_LISTED: Final = 25
"""Peers, networks of a peer, and ports that the CRD accepts in one list."""
FIRST_PRIORITY: Final = 500
"""Of 0 to 1000; an object that continues a policy stands right after it."""

ADDED_PRIORITY: Final = 400
"""Of what is added to the policies of a run: before their denials."""

_API: Final = "ClusterNetworkPolicy"
_ALL_PODS: Final[Node] = {"namespaces": {}}
_ALL_NETWORKS: Final[Node] = {"networks": list(EVERYWHERE)}
_PROTOCOL_FIELDS: Final = {"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}


class ClusterNetworkPolicyDialect:
    """Says a policy as one ClusterNetworkPolicy, or as several where it is longer than one may be."""

    def say(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The manifests' structures; none at all for a group that only its service account names."""
        del several_clusters  # a ClusterNetworkPolicy cannot name a cluster
        selector = policy.group.selector
        if selector is None or selector.service_account:
            return Said(bodies=(), losses=(unsaid_policy(policy, _API),))
        losses: list[DialectLoss] = list(merged_policy(policy, _API))
        ingress: list[Node] = []
        egress: list[Node] = []
        comments: dict[str, tuple[str, ...]] = {}
        if policy.isolate_ingress:
            said = say_direction(policy, Direction.INGRESS, evidence, _say, api=_API)
            ingress = [*(item for _, item in said.items), _deny("from", "any other pod", _ALL_PODS)]
            comments["ingress"] = said.comments
            losses += [_open_ingress(policy), *said.losses]
        if policy.isolate_egress:
            said = say_direction(policy, Direction.EGRESS, evidence, _say, api=_API)
            egress = _closed_egress(said.items)
            comments["egress"] = said.comments
            losses += said.losses
        parts = zip_longest(_parts(ingress), _parts(egress))
        bodies = tuple(
            _body(
                policy, selector, part=number, sections={"ingress": into or [], "egress": out or []}, comments=comments
            )
            for number, (into, out) in enumerate(parts, start=1)
        )
        return Said(bodies=bodies, losses=tuple(losses), remarks=_remarks(policy, len(bodies)))

    def add(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """Accepts only, asked before the denials of the run's policies."""
        del several_clusters
        selector = policy.group.selector
        if selector is None or selector.service_account:
            return Said(bodies=(), losses=(unsaid_policy(policy, _API),))
        said = {
            direction: say_direction(policy, direction, evidence, _say_ahead, api=_API)
            for direction in (Direction.INGRESS, Direction.EGRESS)
            if policy.rules_for(direction)
        }
        sections = {direction.value: _parts([item for _, item in found.items]) for direction, found in said.items()}
        comments = {direction.value: found.comments for direction, found in said.items()}
        bodies = tuple(
            _body(
                policy,
                selector,
                part=number,
                sections=dict(zip(sections, rules, strict=True)),
                comments=comments,
                first=ADDED_PRIORITY,
            )
            for number, rules in enumerate(zip_longest(*sections.values(), fillvalue=[]), start=1)
        )
        return Said(bodies=bodies, losses=tuple(loss for found in said.values() for loss in found.losses))


def _remarks(policy: Policy, objects: int) -> tuple[str, ...]:
    found = ["Baseline tier: a NetworkPolicy that selects these pods decides instead of it, in its direction"]
    if policy.isolate_ingress:
        found.append("STAYS OPEN: ingress from what is no pod, which this API can neither name nor deny")
    if objects > 1:
        found.append(f"In {objects} objects, by priority; apply them in this order, the last denial comes last")
    return tuple(found)


def _body(
    policy: Policy,
    selector: Selector,
    *,
    part: int,
    sections: dict[str, list[Node]],
    comments: dict[str, tuple[str, ...]],
    first: int = FIRST_PRIORITY,
) -> dict[str, Node]:
    spec: dict[str, Node] = {
        "tier": "Baseline",
        "priority": first + part - 1,
        "subject": {"pods": {"namespaceSelector": namespace_labels(policy.group), "podSelector": pod_labels(selector)}},
    }
    for name, rules in sections.items():
        if rules:
            spec[name] = Commented(value=rules, comments=comments[name] if part == 1 else ())
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": metadata(policy, namespaced=False, part=part),
        "spec": spec,
    }


def _closed_egress(items: Sequence[tuple[Rule, Commented]]) -> list[Node]:
    """Accepts of pods, deny of pods, accepts of what is outside, deny of the rest."""
    among_pods: list[Node] = [item for rule, item in items if _may_be_pod(rule.peer)]
    outside: list[Node] = [item for rule, item in items if not _may_be_pod(rule.peer)]
    if not outside:
        return [*among_pods, _deny("to", "everything else", _ALL_PODS, _ALL_NETWORKS)]
    return [
        *among_pods,
        _deny("to", "any other pod", _ALL_PODS),
        *outside,
        _deny("to", "everything else", _ALL_NETWORKS),
    ]


def _may_be_pod(peer: Peer) -> bool:
    return isinstance(peer, GroupPeer) or (isinstance(peer, EntityPeer) and peer.entity not in NO_PODS)


def _deny(field: str, what: str, *peers: Node) -> Commented:
    return Commented(value={"action": "Deny", field: list(peers)}, comments=(f"deny {what}",))


def _open_ingress(policy: Policy) -> DialectLoss:
    """Said once a policy, whether or not anything from outside was seen."""
    return DialectLoss(
        policy=policy.name,
        subject=f"{policy.group.display}: ingress from what is no pod",
        wanted=f"no more ingress from outside than was seen; {_API} knows pods only as sources",
        written="nothing: nodes and addresses outside may connect on every port",
        wider=True,
    )


def _say(policy: Policy, rule: Rule) -> SaidRule:
    icmp = unsaid_icmp(policy, rule, _API)
    if icmp:
        return SaidRule(items=(), losses=(icmp,))
    match rule.peer:
        case GroupPeer(group=group):
            return _say_group(policy, rule, group)
        case EntityPeer() | FqdnPeer() | CidrPeer() if rule.direction is Direction.INGRESS and not _may_be_pod(
            rule.peer
        ):
            wanted = f"{peer_text(rule.peer)} as a source; {_API} knows pods only"
            loss = loss_of(policy, rule, wanted=wanted, written="ingress from what is no pod stays open", wider=True)
            return SaidRule(items=(), losses=(loss,))
        case EntityPeer():
            return _say_entity(policy, rule, rule.peer)
        case FqdnPeer():
            cidrs, loss = addresses_of_name(policy, rule, rule.peer)
            return SaidRule(items=_accepts(rule, _networks(cidrs)), losses=(loss,))
        case CidrPeer(cidrs=prefixes):
            return SaidRule(items=_accepts(rule, _networks(prefixes)))
        case _:
            assert_never(rule.peer)


def _say_ahead(policy: Policy, rule: Rule) -> SaidRule:
    """A rule that stands before the denial of pods, where all networks would let all pods in."""
    if rule.direction is Direction.EGRESS and isinstance(rule.peer, EntityPeer):
        wanted = f"{peer_text(rule.peer)}; ahead of a denial {_API} could only name it together with every pod"
        return SaidRule(items=(), losses=(loss_of(policy, rule, wanted=wanted, written=NOTHING, wider=False),))
    return _say(policy, rule)


def _say_entity(policy: Policy, rule: Rule, peer: EntityPeer) -> SaidRule:
    if not _may_be_pod(peer):
        loss = entity_loss(policy, rule, peer, written="everything that is no pod, on these ports")
        return SaidRule(items=_accepts(rule, [_ALL_NETWORKS]), losses=(loss,))
    anyone = [_ALL_PODS] if rule.direction is Direction.INGRESS else [_ALL_PODS, _ALL_NETWORKS]
    loss = entity_loss(policy, rule, peer, written="any peer on these ports")
    return SaidRule(items=_accepts(rule, anyone), losses=(loss,))


def _say_group(policy: Policy, rule: Rule, group: Group) -> SaidRule:
    unnamed = unnamed_group(policy, rule, group, _API)
    if unnamed or group.selector is None:
        return SaidRule(items=(), losses=(unnamed,) if unnamed else ())
    pods: Node = {"namespaceSelector": namespace_labels(group), "podSelector": pod_labels(group.selector)}
    return SaidRule(items=_accepts(rule, [{"pods": pods}]), losses=account_loss(policy, rule, group, _API))


def _networks(cidrs: Sequence[str]) -> list[Node]:
    return [{"networks": part} for part in _parts(cidrs, MAX_LISTED)]


def _accepts(rule: Rule, peers: Sequence[Node]) -> tuple[Node, ...]:
    """As many rules as the limits on peers and ports ask for."""
    field = "from" if rule.direction is Direction.INGRESS else "to"
    return tuple(
        {"action": "Accept", field: some, "protocols": protocols}
        for some in _parts(peers, MAX_LISTED)
        for protocols in _parts(_protocols(rule.ports), MAX_LISTED)
    )


def _protocols(ports: Sequence[PortRule]) -> list[Node]:
    return [{_PROTOCOL_FIELDS[port.protocol.value]: {"destinationPort": _port(port)}} for port in ports]


def _port(port: PortRule) -> dict[str, Node]:
    return {"range": {"start": port.port, "end": port.end_port}} if port.end_port else {"number": port.port}


def _parts(nodes: Sequence[Node], size: int = MAX_RULES) -> list[list[Node]]:
    return [list(nodes[start : start + size]) for start in range(0, len(nodes), size)]
