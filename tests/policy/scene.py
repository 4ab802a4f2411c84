"""A small made-up cluster: builders for edges, groups and workloads, shared by the tests of policies and dialects."""

from __future__ import annotations

from recommender.model.capture import Capture
from recommender.model.confidence import Confidence
from recommender.model.disposition import Decided, Disposition
from recommender.model.dns_scope import DnsScope
from recommender.model.edge import (
    AddressEnd,
    Edge,
    EntityEnd,
    Evidence,
    FqdnEnd,
    OrientationReason,
    Protocol,
    VerdictMix,
    Workload,
    WorkloadEnd,
)
from recommender.model.entity import Entity
from recommender.model.group import Group, GroupOrigin, Requirement, Selector, SelectorProof
from recommender.model.inventory import Inventory
from recommender.model.labels import LabelSet
from recommender.model.layer7 import Layer7
from recommender.model.recommendation import AssessedEdge
from recommender.policy import make_policies

MONDAY = 1_762_128_000_000_000_000
HOUR = 3_600_000_000_000
CAPTURE = Capture(first_seen=MONDAY, last_seen=MONDAY + 168 * HOUR, flows=1000)
NEEDED = Decided(disposition=Disposition.NEEDED)


def end(namespace: str, name: str, *, cluster: str = "", kind: str = "Deployment") -> WorkloadEnd:
    return WorkloadEnd(cluster=cluster, namespace=namespace, kind=kind, name=name)


def entity(which: Entity) -> EntityEnd:
    return EntityEnd(entity=which)


def address(text: str) -> AddressEnd:
    return AddressEnd(address=text)


def fqdn(name: str) -> FqdnEnd:
    return FqdnEnd(name=name)


def evidence(**changes) -> Evidence:
    given = {
        "connections": 12,
        "flows": 30,
        "answered": 12,
        "client_pods": 2,
        "server_pods": 1,
        "client_nodes": 1,
        "server_nodes": 1,
        "both_sides": 6,
        "first_seen": MONDAY,
        "last_seen": MONDAY + 100 * HOUR,
        "active_hours": 50,
        "active_six_hours": 12,
        "active_days": 5,
        "verdicts": VerdictMix(audited=12),
        "reasons": ((OrientationReason.TCP_FLAGS, 12),),
        "sample_uuids": ("11111111-0000-4000-8000-000000000001",),
    }
    return Evidence(**(given | changes))


def edge(client, server, port: int, protocol: Protocol = Protocol.TCP, **changes) -> Edge:
    return Edge(client=client, server=server, protocol=protocol, port=port, evidence=evidence(**changes))


def group(
    member: WorkloadEnd, *, labels: dict[str, str] | None = None, service_account: str = "", named: bool = True
) -> Group:
    labels = {"app": member.name} if labels is None else labels
    requirements = tuple(Requirement(key=key, values=(value,)) for key, value in sorted(labels.items()))
    selector = Selector(requirements=requirements, service_account=service_account) if named else None
    return Group(
        name=member.name,
        cluster=member.cluster,
        namespace=member.namespace,
        members=(member,),
        origin=GroupOrigin.WORKLOAD if named else GroupOrigin.UNSELECTABLE,
        selector=selector,
        proof=SelectorProof(members_matched=1, others_checked=3) if named else None,
    )


def workload(member: WorkloadEnd, *, labels: tuple[str, ...] = (), **changes) -> Workload:
    return Workload(end=member, label_sets=(LabelSet.parse(labels),), **changes)


WEB = end("shop", "web")
DB = end("shop", "db", kind="StatefulSet")
PROMETHEUS = end("monitoring", "prometheus")
COREDNS = end("kube-system", "coredns")


def dns_edge(client, server=COREDNS, *, port: int = 53, protocol: Protocol = Protocol.UDP, **changes) -> Edge:
    return edge(client, server, port, protocol, **changes)


def policies(
    edges,
    groups,
    *,
    workloads=None,
    decided=None,
    capture=CAPTURE,
    inventory=None,
    dns_scope=DnsScope.ALL,
    layer7=Layer7.NONE,
    **options,
):
    """Make policies for edges that are all needed, unless `decided` says otherwise."""
    if workloads is None:
        workloads = [workload(member) for one in groups for member in one.members]
    return make_policies(
        groups,
        edges,
        {one.edge_id: NEEDED for one in edges} | (decided or {}),
        workloads=workloads,
        capture=capture,
        dns_scope=dns_scope,
        layer7=layer7,
        inventory=inventory or Inventory(),
        **options,
    )


def assessed(edges, decided=None, *, value: float = 0.95) -> dict[str, AssessedEdge]:
    return {
        one.edge_id: AssessedEdge(
            edge=one,
            decided=(decided or {}).get(one.edge_id, NEEDED),
            confidence=Confidence(value=value, parts=()),
            recurrence=value,
        )
        for one in edges
    }


SHOP_GROUPS = (
    group(WEB),
    group(DB, labels={"app.kubernetes.io/name": "db", "tier": "data"}),
    group(PROMETHEUS),
    group(COREDNS, labels={"k8s-app": "kube-dns"}),
)


def shop_edges() -> tuple[Edge, ...]:
    """One of each kind of peer that a policy can hold."""
    return (
        edge(WEB, DB, 5432),
        edge(PROMETHEUS, WEB, 9090, active_days=7),
        edge(PROMETHEUS, WEB, 9091),
        edge(entity(Entity.WORLD), WEB, 8443, client_addresses=("198.51.100.7",)),
        edge(entity(Entity.REMOTE_NODE), WEB, 8443, client_addresses=("192.0.2.11",)),
        dns_edge(WEB),
        dns_edge(PROMETHEUS),
        edge(WEB, fqdn("api.example.com"), 443, server_addresses=("203.0.113.9", "203.0.113.10")),
        edge(WEB, address("203.0.113.20"), 443),
        edge(WEB, address("203.0.113.21"), 443),
        edge(WEB, address("2001:db8::5"), 443),
        edge(WEB, entity(Entity.KUBE_APISERVER), 6443, server_addresses=("192.0.2.10",)),
        edge(WEB, DB, 8, Protocol.ICMP, reasons=((OrientationReason.ICMP_TYPE, 3),)),
        edge(COREDNS, address("198.51.100.53"), 53, Protocol.UDP, reasons=((OrientationReason.PORT_NUMBER, 4),)),
    )


def by_name(policy_set):
    """Policies by `namespace/group`."""
    return {policy.group.display: policy for policy in policy_set.policies}


def rule_for(policy, direction, peer_kind):
    """The only rule of a direction with this kind of peer."""
    (rule,) = [rule for rule in policy.rules_for(direction) if isinstance(rule.peer, peer_kind)]
    return rule
