"""Policies as CiliumNetworkPolicy (cilium.io/v2).

The traps that this file steps around are Cilium's own (docs, "Layer 3/4/7 policies"; checked with its policy engine):
`[{}]` is default deny here, one kind of peer an item, ICMP in items of its own, at most 40 ports a list, port numbers
as text, names only beside a DNS rule, and a peer without a namespace label means the policy's own namespace. HTTP rules
are for TCP only, and their expressions are matched in full, query included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from recommender.dialect.header import metadata, nothing_seen
from recommender.dialect.interface import Said
from recommender.dialect.label_selector import Wanted, selector_labels, wanted_labels
from recommender.dialect.wording import http_text
from recommender.dialect.yaml_text import Commented
from recommender.model.edge import Protocol
from recommender.model.http_path import literal_pattern
from recommender.model.labels import CLUSTER_KEY, NAMESPACE_KEY, SERVICE_ACCOUNT_KEY
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.dialect.evidence_comment import EvidenceText
    from recommender.dialect.yaml_text import Node
    from recommender.model.group import Group
    from recommender.model.http_rule import HttpRule
    from recommender.model.policy import Peer, Policy, PortRule, Rule

MAX_PORTS = 40
"""Ports a list and ICMP fields a list that the CRD accepts."""

_ICMP_FAMILIES = {Protocol.ICMP: "IPv4", Protocol.ICMPV6: "IPv6"}


class CiliumDialect:
    """Says a policy as one CiliumNetworkPolicy; it can say everything that the model holds."""

    def say(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The manifest's structure; with several clusters every selector also names its cluster."""
        labels = _pod_labels(policy.group)
        if several_clusters and policy.group.cluster:
            labels[f"k8s:{CLUSTER_KEY}"] = (policy.group.cluster,)
        spec: dict[str, Node] = {
            "endpointSelector": selector_labels(labels),
            "enableDefaultDeny": {"ingress": policy.isolate_ingress, "egress": policy.isolate_egress},
        }
        for direction in (Direction.INGRESS, Direction.EGRESS):
            items = _items(policy, direction, evidence, several_clusters=several_clusters)
            if items:
                spec[direction.value] = items
            elif policy.isolates_in(direction):
                # An empty list is invalid; one empty item is default deny (policy-semantics 1.2).
                spec[direction.value] = [Commented(value={}, comments=nothing_seen(policy, direction))]
        body: dict[str, Node] = {
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumNetworkPolicy",
            "metadata": metadata(policy),
            "spec": spec,
        }
        return Said(bodies=(body,))

    def add(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The same: a policy that isolates nothing only allows."""
        return self.say(policy, evidence=evidence, several_clusters=several_clusters)


def _items(policy: Policy, direction: Direction, evidence: EvidenceText, *, several_clusters: bool) -> list[Node]:
    items: list[Node] = []
    through_proxy = direction is Direction.EGRESS and policy.needs_dns_proxy
    for rule in policy.rules_for(direction):
        peer = _peer(rule.peer, direction, policy.group, several_clusters=several_clusters)
        comments = evidence.comments(rule)
        proxied = through_proxy and rule.baseline is Baseline.DNS
        if not rule.ports:
            items.append(Commented(value=peer, comments=comments))
        parts = (("toPorts", _to_ports(rule, proxied=proxied)), ("icmps", _icmps(rule.ports)))
        items += [Commented(value={**peer, key: ports}, comments=comments) for key, ports in parts if ports]
    return items


def _peer(peer: Peer, direction: Direction, own: Group, *, several_clusters: bool) -> dict[str, Node]:
    """The one L3 key of an item; Cilium refuses two kinds in one."""
    prefix = "from" if direction is Direction.INGRESS else "to"
    match peer:
        case GroupPeer(group=group):
            named = several_clusters or group.cluster != own.cluster
            return {f"{prefix}Endpoints": [_peer_selector(group, with_cluster=named)]}
        case EntityPeer(entity=entity):
            return {f"{prefix}Entities": [entity.value]}
        case FqdnPeer(name=name):
            return {f"{prefix}FQDNs": [{"matchPattern" if peer.is_pattern else "matchName": name}]}
        case CidrPeer(cidrs=cidrs) if not peer.excepted:
            return {f"{prefix}CIDR": list(cidrs)}
        case CidrPeer(cidrs=cidrs):
            return {f"{prefix}CIDRSet": [{"cidr": cidr, "except": list(peer.excepted_from(cidr))} for cidr in cidrs]}
        case _:
            assert_never(peer)


def _peer_selector(group: Group, *, with_cluster: bool) -> dict[str, Node]:
    """A peer's labels with its namespace, always: without it Cilium means the policy's own, which reads as a trap."""
    labels = _pod_labels(group)
    labels[f"k8s:{NAMESPACE_KEY}"] = (group.namespace,)
    if with_cluster and group.cluster:
        labels[f"k8s:{CLUSTER_KEY}"] = (group.cluster,)
    return selector_labels(labels)


def _pod_labels(group: Group) -> Wanted:
    if group.selector is None:
        return {}
    labels = wanted_labels(group.selector, prefix="k8s:")
    if group.selector.service_account:
        labels[f"k8s:{SERVICE_ACCOUNT_KEY}"] = (group.selector.service_account,)
    return labels


def _to_ports(rule: Rule, *, proxied: bool) -> list[Node]:
    """The rule's ports in lists of at most `MAX_PORTS`, with its HTTP rules, or through the DNS proxy for `toFQDNs`."""
    above: dict[str, Node] = {"rules": {"dns": [{"matchPattern": "*"}]}} if proxied else {}
    if rule.http:
        above = {"rules": {"http": [_http(one) for one in rule.http]}}
    return [{"ports": part, **above} for part in parts_of(port_nodes(rule.ports))]


def _http(rule: HttpRule) -> Node:
    """Both fields are regular expressions that must match in full."""
    return Commented(value={"method": literal_pattern(rule.method), "path": rule.pattern}, comments=(http_text(rule),))


def port_nodes(ports: Sequence[PortRule]) -> list[Node]:
    """Ports and ranges of ports as entries of `ports`; ICMP has none."""
    return [
        {
            "port": str(port.port),
            **({"endPort": port.end_port} if port.end_port else {}),
            "protocol": port.protocol.value,
        }
        for port in ports
        if port.protocol.has_ports
    ]


def _icmps(ports: Sequence[PortRule]) -> list[Node]:
    fields: list[Node] = [
        {"family": _ICMP_FAMILIES[port.protocol], "type": port.port} for port in ports if not port.protocol.has_ports
    ]
    return [{"fields": part} for part in parts_of(fields)]


def parts_of(nodes: Sequence[Node]) -> list[list[Node]]:
    """The entries in lists that the CRD accepts."""
    return [list(nodes[start : start + MAX_PORTS]) for start in range(0, len(nodes), MAX_PORTS)]
