"""Who answers DNS here, and who may ask: the baseline of every isolated pod that has a reason to resolve names.

A policy that forgets DNS breaks every call now and then, so each governed group with such a reason (`dns_need`) may ask
every DNS server of its cluster over UDP and TCP, and each DNS server hears these and every group that gets no policy.
Edges that show it fold into these rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.model.edge import AddressEnd, EntityEnd, Protocol, WorkloadEnd, end_sort_key
from recommender.model.entity import Entity
from recommender.model.policy import CidrPeer, EntityPeer, GroupPeer
from recommender.policy.group_directory import GroupKey, key_of
from recommender.policy.peer_naming import single_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.edge import Edge, End, Workload
    from recommender.model.group import Group
    from recommender.policy.dns_need import DnsNeed
    from recommender.policy.group_directory import GroupDirectory

DNS_PORTS = frozenset({53, 5353})
"""5353 is the pod port of OpenShift's DNS (hubble-quirks 42)."""
NODE_LOCAL_ADDRESSES = frozenset({"169.254.20.10", "169.254.25.10"})
"""Where node-local-dns listens (Kubernetes docs; the second is Kubespray's)."""
MANY_CLIENTS = 5
"""Distinct clients from which on a server of port 53 is taken for the cluster's DNS, whatever its name."""

_SYSTEM_NAMESPACES = frozenset({"kube-system", "openshift-dns", "kube-dns", "coredns", "node-local-dns"})
_DNS_LABELS = frozenset(
    {
        ("k8s-app", "kube-dns"),
        ("k8s-app", "coredns"),
        ("k8s-app", "node-local-dns"),
        ("k8s-app", "nodelocaldns"),
        ("app.kubernetes.io/name", "coredns"),
        ("app.kubernetes.io/name", "node-local-dns"),
        ("dns.operator.openshift.io/daemonset-dns", "default"),
    }
)
_DNS_WORKLOAD = re.compile(r"(.*-)?(coredns|kube-dns|dns-default|node-local-dns|nodelocaldns)(-.*)?")

ServerKey = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsServer:
    """Something that answers DNS for the pods of a cluster."""

    key: ServerKey
    peer: GroupPeer | EntityPeer | CidrPeer
    ports: tuple[int, ...]
    """Destination ports as the pods see them, sorted."""

    @property
    def group(self) -> Group | None:
        """The group of DNS pods, if it is one."""
        return self.peer.group if isinstance(self.peer, GroupPeer) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsPlan:
    """Which DNS servers there are and which groups were seen asking them."""

    servers: tuple[DnsServer, ...]
    asked: frozenset[tuple[GroupKey, ServerKey]]
    barred: frozenset[GroupKey]
    """Groups whose only DNS traffic is quarantined: the baseline must not let in by the back door what was kept out."""
    without_need: frozenset[GroupKey]
    """Governed groups that were not seen asking and have no reason to."""

    def server_of(self, edge: Edge, directory: GroupDirectory) -> DnsServer | None:
        """The DNS server that this edge asks, if it is a DNS edge."""
        if edge.protocol not in {Protocol.TCP, Protocol.UDP}:
            return None
        key = _server_key(edge.server, directory)
        return next((server for server in self.servers if server.key == key and edge.port in server.ports), None)

    def servers_for(self, group: Group) -> tuple[DnsServer, ...]:
        """The DNS servers that a group may ask: all of its cluster; a DNS server only those that it was seen to ask.

        None for a group whose DNS traffic is quarantined, or that has no reason to resolve names.
        """
        if key_of(group) in self.barred or key_of(group) in self.without_need:
            return ()
        is_server = any(server.group and key_of(server.group) == key_of(group) for server in self.servers)
        return tuple(
            server
            for server in self.servers
            if (key_of(group), server.key) in self.asked
            or (not is_server and (server.group is None or server.group.cluster == group.cluster))
        )


@dataclass(slots=True, kw_only=True)
class _Candidate:
    end: End
    ports: set[int]
    clients: set[End]
    addresses: set[str]


def plan_dns(
    edges: Iterable[Edge],
    directory: GroupDirectory,
    workloads: Iterable[Workload],
    *,
    need: DnsNeed,
    quarantined: Iterable[Edge] = (),
) -> DnsPlan:
    """Find the DNS servers among the servers of port 53 and 5353 of the allowed edges.

    A name or label alone is not believed outside the namespaces where cluster DNS lives: any pod may call itself
    `kube-dns`, and every other pod would then be allowed to talk to it.
    """
    candidates: dict[ServerKey, _Candidate] = {}
    asking: set[tuple[GroupKey, ServerKey]] = set()
    for edge in edges:
        if edge.protocol not in {Protocol.TCP, Protocol.UDP} or edge.port not in DNS_PORTS:
            continue
        key = _server_key(edge.server, directory)
        if not key:
            continue
        found = candidates.setdefault(key, _Candidate(end=edge.server, ports=set(), clients=set(), addresses=set()))
        found.ports.add(edge.port)
        found.clients.add(edge.client)
        found.addresses.update(edge.evidence.server_addresses)
        if client := directory.group_of(edge.client):
            asking.add((key_of(client), key))
    known = {workload.end: workload for workload in workloads}
    servers = tuple(
        server for key in sorted(candidates) if (server := _as_server(key, candidates[key], directory, known))
    )
    keys = {server.key for server in servers}
    asked = frozenset(pair for pair in asking if pair[1] in keys)
    names = {group for group, _ in asked}
    barred = _barred(quarantined, names, directory)
    silent = {key_of(group) for group in directory.governed_groups if not need.covers(group)}
    served = {key_of(server.group) for server in servers if server.group}
    return DnsPlan(
        servers=servers, asked=asked, barred=barred, without_need=frozenset(silent - names - barred - served)
    )


def _barred(quarantined: Iterable[Edge], asking: set[GroupKey], directory: GroupDirectory) -> frozenset[GroupKey]:
    suspects = (directory.group_of(edge.client) for edge in quarantined if edge.port in DNS_PORTS)
    return frozenset(key_of(group) for group in suspects if group and key_of(group) not in asking)


def _server_key(end: End, directory: GroupDirectory) -> ServerKey:
    if isinstance(end, WorkloadEnd):
        group = directory.group_of(end)
        return ("group", *key_of(group)) if group and key_of(group) in directory.named else ()
    kind, text = end_sort_key(end)
    return (str(kind), text)


def _as_server(
    key: ServerKey, found: _Candidate, directory: GroupDirectory, known: Mapping[WorkloadEnd, Workload]
) -> DnsServer | None:
    ports = tuple(sorted(found.ports))
    many = len(found.clients) >= MANY_CLIENTS and 53 in found.ports  # noqa: PLR2004 - DNS's port
    end = found.end
    if isinstance(end, WorkloadEnd):
        group = directory.by_member[end]
        if many or _is_named_dns(group, known):
            return DnsServer(key=key, peer=GroupPeer(group=group), ports=ports)
    elif isinstance(end, EntityEnd):
        node_local = not NODE_LOCAL_ADDRESSES.isdisjoint(found.addresses)
        if end.entity in {Entity.HOST, Entity.REMOTE_NODE} and (many or node_local):
            peer = EntityPeer(entity=end.entity, addresses=tuple(sorted(found.addresses)))
            return DnsServer(key=key, peer=peer, ports=ports)
    elif isinstance(end, AddressEnd) and end.address in NODE_LOCAL_ADDRESSES:
        return DnsServer(key=key, peer=CidrPeer(cidrs=(single_prefix(end.address),)), ports=ports)
    return None


def _is_named_dns(group: Group, known: Mapping[WorkloadEnd, Workload]) -> bool:
    if group.namespace not in _SYSTEM_NAMESPACES:
        return False
    return any(_DNS_WORKLOAD.fullmatch(member.name) or _has_dns_label(known.get(member)) for member in group.members)


def _has_dns_label(workload: Workload | None) -> bool:
    if workload is None:
        return False
    return any(not _DNS_LABELS.isdisjoint(labels.pod_labels.items()) for labels in workload.label_sets)
