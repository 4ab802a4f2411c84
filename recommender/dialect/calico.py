"""Policies as Calico's NetworkPolicy or GlobalNetworkPolicy (projectcalico.org/v3), and what they cannot say.

Calico has selectors by label, namespace and service account, ICMP types and addresses, but no entities and (outside of
its Enterprise and Cloud editions) no DNS names. An API server is named by its own service; what else is no pod, by not
being one, which only a GlobalNetworkPolicy can say: in a NetworkPolicy a negative selector still keeps to the policy's
namespace. Names become the addresses that were seen. Each of these is a `DialectLoss`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from recommender.dialect.addresses import by_family
from recommender.dialect.calico_expressions import ACCOUNT_NAME, NAMESPACE_NAME, labels_expression, named
from recommender.dialect.header import metadata
from recommender.dialect.interface import Said
from recommender.dialect.losses import NOTHING, loss_of
from recommender.dialect.lossy_rules import SaidRule, say_direction
from recommender.dialect.outside import NO_PODS, addresses_of_name, entity_loss
from recommender.dialect.pods_by_labels import unnamed_group
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.manifest import DialectLoss
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.dialect.evidence_comment import EvidenceText
    from recommender.dialect.yaml_text import Node
    from recommender.model.group import Group
    from recommender.model.policy import Policy, PortRule, Rule

ORDER: Final = 1000
"""Where Calico puts NetworkPolicies: before it stand those that must decide first, after it the catch-alls."""

_API: Final = "Calico"
_EVERY_POD: Final = "projectcalico.org/orchestrator == 'k8s'"
"""Every pod carries the label, and nothing else does: no host endpoint, no network set."""
_API_SERVER: Final = {"name": "kubernetes", "namespace": "default"}
_PROTOCOLS: Final = {
    Protocol.TCP: "TCP",
    Protocol.UDP: "UDP",
    Protocol.SCTP: "SCTP",
    Protocol.ICMP: "ICMP",
    Protocol.ICMPV6: "ICMPv6",
}

_Entity = dict[str, "Node"]


class CalicoDialect:
    """Says a policy as one NetworkPolicy of Calico's, or as a GlobalNetworkPolicy where only that can name a peer."""

    def say(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The manifest's structure; none for a group whose labels no selector of Calico's can hold."""
        del several_clusters  # a Calico policy cannot name a cluster
        if not policy.directions:
            return Said(bodies=())
        subject = _subject(policy.group)
        if subject is None:
            return Said(bodies=(), losses=(_unsaid_policy(policy),))
        everywhere = any(_needs_global(rule) for rule in policy.rules)
        spec: dict[str, Node] = {"order": ORDER, **subject.fields(everywhere=everywhere), "types": _types(policy)}
        losses: list[DialectLoss] = []
        for direction in policy.directions:
            said = say_direction(policy, direction, evidence, _say, api=f"{_API} without its application layer policy")
            spec[direction.value] = said.section
            losses += said.losses
        body: dict[str, Node] = {
            "apiVersion": "projectcalico.org/v3",
            "kind": "GlobalNetworkPolicy" if everywhere else "NetworkPolicy",
            "metadata": metadata(policy, namespaced=not everywhere),
            "spec": spec,
        }
        remarks = ("GlobalNetworkPolicy, since no other can name what is no pod",) if everywhere else ()
        return Said(bodies=(body,), losses=tuple(losses), remarks=remarks)

    def add(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The same, isolating where it allows: no policy of Calico's allows without that."""
        return self.say(policy, evidence=evidence, several_clusters=several_clusters)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """A group in Calico's words."""

    labels: str
    namespace: str
    account: str
    """Empty if its labels tell the group apart."""

    def fields(self, *, everywhere: bool) -> dict[str, Node]:
        """The fields of a `spec`; a namespace bounds a NetworkPolicy by itself."""
        found: dict[str, Node] = {"selector": self.labels}
        if everywhere:
            found["namespaceSelector"] = self.namespace
        if self.account:
            found["serviceAccountSelector"] = self.account
        return found


def _subject(group: Group) -> _Subject | None:
    """None if no selector of Calico's can name the group."""
    if group.selector is None:
        return None
    labels, namespace = labels_expression(group.selector), named(NAMESPACE_NAME, group.namespace)
    account = named(ACCOUNT_NAME, group.selector.service_account) if group.selector.service_account else ""
    if labels is None or namespace is None or account is None:
        return None
    return _Subject(labels=labels, namespace=namespace, account=account)


def _unsaid_policy(policy: Policy) -> DialectLoss:
    return DialectLoss(
        policy=policy.name,
        subject=f"{policy.group.display}: the whole policy",
        wanted=f"a policy for the pods with {policy.group.selector}",
        written=f"{NOTHING}: no selector of Calico's can hold these labels, so these pods stay open",
        wider=True,
    )


def _types(policy: Policy) -> list[Node]:
    """Always written: left out, they would follow from which lists hold a rule."""
    return [direction.value.capitalize() for direction in policy.directions]


def _needs_global(rule: Rule) -> bool:
    is_entity = isinstance(rule.peer, EntityPeer) and rule.peer.entity in NO_PODS
    return is_entity and not _is_api_client(rule)


def _is_api_client(rule: Rule) -> bool:
    """Whether the rule lets pods ask the API server.

    Its service's endpoints are the very addresses that Cilium calls kube-apiserver. The way back, from an API server to
    a webhook, may come from another address of its node, so it is not said so.
    """
    return rule.baseline is Baseline.API_SERVER and rule.direction is Direction.EGRESS


def _say(policy: Policy, rule: Rule) -> SaidRule:
    match rule.peer:
        case GroupPeer(group=group):
            return _say_group(policy, rule, group)
        case EntityPeer(entity=Entity.KUBE_APISERVER) if _is_api_client(rule):
            written = "the endpoints of the service default/kubernetes, on the port that they listen on"
            loss = entity_loss(policy, rule, rule.peer, written=written, wider=False)
            item: Node = {"action": "Allow", "protocol": "TCP", "destination": {"services": _API_SERVER}}
            return SaidRule(items=(item,), losses=(loss,))
        case EntityPeer(entity=entity):
            outside = entity in NO_PODS
            written = "everything that is no pod, on these ports" if outside else "any peer on these ports"
            entities: list[_Entity] = [{"notSelector": _EVERY_POD} if outside else {}]
            return SaidRule(
                items=_items(rule, entities), losses=(entity_loss(policy, rule, rule.peer, written=written),)
            )
        case FqdnPeer():
            cidrs, loss = addresses_of_name(policy, rule, rule.peer)
            return SaidRule(items=_items(rule, _nets(cidrs)), losses=(loss,))
        case CidrPeer():
            return SaidRule(items=_items(rule, _nets(rule.peer.cidrs, rule.peer.excepted)))
        case _:
            assert_never(rule.peer)


def _say_group(policy: Policy, rule: Rule, group: Group) -> SaidRule:
    unnamed, peer = unnamed_group(policy, rule, group, _API), _subject(group)
    if unnamed:
        return SaidRule(items=(), losses=(unnamed,))
    if peer is None:
        wanted = f"the pods of {group.display}, whose labels no selector of Calico's can hold"
        return SaidRule(items=(), losses=(loss_of(policy, rule, wanted=wanted, written=NOTHING, wider=False),))
    entity: _Entity = {"selector": peer.labels, "namespaceSelector": peer.namespace}
    if group.selector and group.selector.service_account:
        entity["serviceAccounts"] = {"names": [group.selector.service_account]}
    return SaidRule(items=_items(rule, [entity]))


def _nets(cidrs: Iterable[str], excepted: Iterable[str] = ()) -> list[_Entity]:
    """IPv4 and IPv6 in entities of their own: Calico refuses both in one rule."""
    left_out = {_is_ipv6(family[0]): family for family in by_family(excepted)}
    found: list[_Entity] = []
    for family in by_family(cidrs):
        without = left_out.get(_is_ipv6(family[0]), [])
        found.append({"nets": list(family), "notNets": list(without)} if without else {"nets": list(family)})
    return found


def _is_ipv6(prefix: str) -> bool:
    return ":" in prefix


def _items(rule: Rule, entities: Sequence[_Entity]) -> tuple[Node, ...]:
    """One item for each entity and protocol, since a rule of Calico's has one protocol."""
    return tuple(_item(rule, entity, matched) for entity in entities for matched in _matches(rule.ports))


def _item(rule: Rule, entity: _Entity, matched: Mapping[str, Node]) -> dict[str, Node]:
    fields = dict(matched)
    ports = fields.pop("ports", None)
    port_field: _Entity = {"ports": ports} if ports is not None else {}
    source: _Entity = entity if rule.direction is Direction.INGRESS else {}
    destination: _Entity = port_field if rule.direction is Direction.INGRESS else {**entity, **port_field}
    ends = {key: end for key, end in (("source", source), ("destination", destination)) if end}
    return {"action": "Allow", **fields, **ends}


def _matches(ports: Sequence[PortRule]) -> list[dict[str, Node]]:
    """What a rule matches beside its ends: all ports of a protocol together, ICMP type by type; anything if none."""
    found: list[dict[str, Node]] = []
    for protocol, name in _PROTOCOLS.items():
        numbers: list[Node] = [_port(port) for port in ports if port.protocol is protocol]
        if numbers and protocol.has_ports:
            found.append({"protocol": name, "ports": numbers})
        elif numbers:
            found += [{"protocol": name, "icmp": {"type": number}} for number in numbers]
    return found or [{}]


def _port(port: PortRule) -> Node:
    return f"{port.port}:{port.end_port}" if port.end_port else port.port
