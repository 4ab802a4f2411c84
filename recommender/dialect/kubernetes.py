"""Policies as NetworkPolicy (networking.k8s.io/v1), and what that API cannot say.

It knows pods, namespaces and addresses only. Entities become a rule without a peer (any peer on those ports: the one
form that lets nodes and API servers through on every CNI), names become the addresses that were seen, a peer that only
its service account names becomes its namespace, HTTP rules become their ports. Workloads that only accounts tell apart
come here as one group where a selector without accounts names them; else, like ICMP, their policies cannot be said at
all. Each of these is a `DialectLoss`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from recommender.dialect.addresses import EVERYWHERE
from recommender.dialect.header import metadata
from recommender.dialect.interface import Said
from recommender.dialect.losses import loss_of
from recommender.dialect.lossy_rules import SaidRule, say_direction
from recommender.dialect.outside import addresses_of_name, entity_loss
from recommender.dialect.pods_by_labels import (
    account_loss,
    merged_policy,
    namespace_labels,
    pod_labels,
    unnamed_group,
    unsaid_icmp,
    unsaid_policy,
)
from recommender.model.entity import Entity
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.dialect.evidence_comment import EvidenceText
    from recommender.dialect.yaml_text import Node
    from recommender.model.group import Group
    from recommender.model.manifest import DialectLoss
    from recommender.model.policy import Policy, PortRule, Rule

_API: Final = "NetworkPolicy"


class KubernetesDialect:
    """Says a policy as one NetworkPolicy, and names what it could not say."""

    def say(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The manifest's structure; none at all for a group that only its service account names."""
        del several_clusters  # a NetworkPolicy cannot name a cluster
        if not policy.directions:
            return Said(bodies=())
        selector = policy.group.selector
        if selector is None or selector.service_account:
            return Said(bodies=(), losses=(unsaid_policy(policy, _API),))
        spec: dict[str, Node] = {"podSelector": pod_labels(selector), "policyTypes": _policy_types(policy)}
        losses: list[DialectLoss] = list(merged_policy(policy, _API))
        for direction in policy.directions:
            said = say_direction(policy, direction, evidence, _say, api=_API)
            spec[direction.value] = said.section
            losses += said.losses
        body: dict[str, Node] = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": metadata(policy),
            "spec": spec,
        }
        return Said(bodies=(body,), losses=tuple(losses))

    def add(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The same, isolating where it allows: no NetworkPolicy allows without that."""
        return self.say(policy, evidence=evidence, several_clusters=several_clusters)


def _policy_types(policy: Policy) -> list[Node]:
    """Always written: left out, an egress-only policy would also isolate ingress (policy-semantics 1.1)."""
    return [direction.value.capitalize() for direction in policy.directions]


def _say(policy: Policy, rule: Rule) -> SaidRule:
    icmp = unsaid_icmp(policy, rule, _API)
    if icmp:
        return SaidRule(items=(), losses=(icmp,))
    match rule.peer:
        case GroupPeer(group=group):
            return _say_group(policy, rule, group)
        case EntityPeer(entity=Entity.WORLD):
            wanted, written = "everything outside the cluster, no pod", "0.0.0.0/0 and ::/0, pods too on some CNIs"
            loss = loss_of(policy, rule, wanted=wanted, written=written, wider=True)
            return SaidRule(items=(_with_peers(rule, _blocks(EVERYWHERE)),), losses=(loss,))
        case EntityPeer():
            loss = entity_loss(policy, rule, rule.peer, written="any peer on these ports")
            return SaidRule(items=({"ports": _ports(rule.ports)},), losses=(loss,))
        case FqdnPeer():
            cidrs, loss = addresses_of_name(policy, rule, rule.peer)
            return SaidRule(items=(_with_peers(rule, _blocks(cidrs)),) if cidrs else (), losses=(loss,))
        case CidrPeer():
            blocks: list[Node] = [{"ipBlock": _ip_block(rule.peer, cidr)} for cidr in rule.peer.cidrs]
            return SaidRule(items=(_with_peers(rule, blocks),))
        case _:
            assert_never(rule.peer)


def _say_group(policy: Policy, rule: Rule, group: Group) -> SaidRule:
    unnamed = unnamed_group(policy, rule, group, _API)
    if unnamed or group.selector is None:
        return SaidRule(items=(), losses=(unnamed,) if unnamed else ())
    peer: dict[str, Node] = {"namespaceSelector": namespace_labels(group)}
    if group.selector.requirements or not group.selector.service_account:
        peer["podSelector"] = pod_labels(group.selector)
    return SaidRule(items=(_with_peers(rule, [peer]),), losses=account_loss(policy, rule, group, _API))


def _blocks(cidrs: Iterable[str]) -> list[Node]:
    return [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]


def _ip_block(peer: CidrPeer, cidr: str) -> Node:
    excepted: list[Node] = list(peer.excepted_from(cidr))
    return {"cidr": cidr, "except": excepted} if excepted else {"cidr": cidr}


def _with_peers(rule: Rule, peers: list[Node]) -> dict[str, Node]:
    key = "from" if rule.direction is Direction.INGRESS else "to"
    return {key: peers, "ports": _ports(rule.ports)} if rule.ports else {key: peers}


def _ports(ports: Sequence[PortRule]) -> list[Node]:
    return [
        {
            "protocol": port.protocol.value,
            "port": port.port,
            **({"endPort": port.end_port} if port.end_port else {}),
        }
        for port in ports
    ]
