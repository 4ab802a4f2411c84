"""What does each edge ask of the policies at its two ends?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from recommender.model.edge import Protocol
from recommender.model.policy import Baseline, Direction, GroupPeer, PortRule
from recommender.policy.group_directory import key_of
from recommender.policy.peer_naming import Refusal, peers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.edge import Edge
    from recommender.model.group import Group
    from recommender.model.http_rule import HttpRule
    from recommender.model.policy import Peer
    from recommender.policy.common_needs import CommonNeeds
    from recommender.policy.dns_baseline import DnsPlan
    from recommender.policy.dynamic_ports import DynamicPortPlan
    from recommender.policy.group_directory import GroupDirectory

DNS_PROTOCOLS = (Protocol.TCP, Protocol.UDP)
"""Clients fall back to TCP when an answer is cut, so a baseline always names both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One peer on one port that one group's policy must allow, and the edge that shows it."""

    subject: Group
    direction: Direction
    peer: Peer
    port: PortRule
    edge: str = ""
    """Edge id; empty where a baseline asks for it."""
    baseline: Baseline | None = None
    http: tuple[HttpRule, ...] = ()
    """The only requests that it asks for; empty: whatever is sent."""


def claims_of(
    edge: Edge, *, directory: GroupDirectory, dns: DnsPlan, needs: CommonNeeds, dynamic: DynamicPortPlan
) -> tuple[Claim, ...] | Refusal:
    """What an allowed edge asks for: egress at its client and ingress at its server, where these are governed.

    An end without a policy of its own asks for nothing, since nothing isolates it. If either side cannot say the
    other, the whole edge is refused: half of it would look allowed and still be cut.
    """
    client, server = directory.governed_group_of(edge.client), directory.governed_group_of(edge.server)
    if (client or server) and edge.protocol is Protocol.ICMP and edge.port == 0:
        return Refusal(
            code="NPR311",
            reason="ICMP type 0 (echo reply) in a rule admits every ICMP type in Cilium's engine",
            action="Replies pass through connection tracking; look for the echo request, or allow it by hand.",
        )
    need = _Need(edge=edge, port=dynamic.port_of(edge), common=needs.baseline_of(edge))
    egress = _egress_claims(client, need, directory, dns) if client else ()
    if isinstance(egress, Refusal):
        return egress
    ingress = _ingress_claims(server, need, directory, dns) if server else ()
    return ingress if isinstance(ingress, Refusal) else (*egress, *ingress)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """An edge, what a rule says for its port, and the baseline it belongs to."""

    edge: Edge
    port: PortRule
    common: Baseline | None

    @property
    def baseline(self) -> Baseline | None:
        """None for a range: it goes beyond what was seen, so it is reviewed with its own policy."""
        return None if self.port.end_port else self.common


def _egress_claims(client: Group, need: _Need, directory: GroupDirectory, dns: DnsPlan) -> tuple[Claim, ...] | Refusal:
    edge = need.edge
    names_work = bool(dns.servers_for(client))
    peers = peers_of(edge.server, edge.evidence.server_addresses, directory=directory, names_work=names_work)
    if isinstance(peers, Refusal):
        return peers
    made = partial(Claim, subject=client, direction=Direction.EGRESS, port=need.port, edge=edge.edge_id)
    baseline = Baseline.DNS if dns.server_of(edge, directory) else need.baseline
    return tuple(made(peer=peer, baseline=baseline) for peer in peers)


def _ingress_claims(server: Group, need: _Need, directory: GroupDirectory, dns: DnsPlan) -> tuple[Claim, ...] | Refusal:
    edge = need.edge
    peers = peers_of(edge.client, edge.evidence.client_addresses, directory=directory, names_work=False)
    if isinstance(peers, Refusal):
        return peers
    made = partial(Claim, subject=server, direction=Direction.INGRESS, port=need.port, edge=edge.edge_id)
    # The baseline stands for pods only: a node or an outsider that asks is ordinary evidence.
    asked = dns.server_of(edge, directory) if directory.group_of(edge.client) else None
    return tuple(made(peer=peer, baseline=Baseline.DNS if asked else need.baseline) for peer in peers)


def baseline_claims(*, directory: GroupDirectory, dns: DnsPlan) -> Iterator[Claim]:
    """DNS for whoever has a reason to resolve names: egress of these groups, and the matching ingress of DNS servers.

    A DNS server hears also those that get no policy: cutting their names would be an outage that no flow of theirs
    argues for.
    """
    for client in directory.named_groups:
        for server in dns.servers_for(client):
            ports = [PortRule(protocol=protocol, port=port) for protocol in DNS_PROTOCOLS for port in server.ports]
            if key_of(client) in directory.governed:
                yield from (_baseline(client, Direction.EGRESS, server.peer, port) for port in ports)
            if server.group and key_of(server.group) in directory.governed:
                yield from (_baseline(server.group, Direction.INGRESS, GroupPeer(group=client), port) for port in ports)


def _baseline(subject: Group, direction: Direction, peer: Peer, port: PortRule) -> Claim:
    return Claim(subject=subject, direction=direction, peer=peer, port=port, baseline=Baseline.DNS)
