"""Policies: intents, before any dialect says them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from recommender.model.edge import Protocol
    from recommender.model.entity import Entity
    from recommender.model.group import Group
    from recommender.model.http_rule import HttpRule
    from recommender.model.starter_step import StarterStep
    from recommender.model.widening import Widening


class Direction(StrEnum):
    """From the governed pod's point of view."""

    INGRESS = "ingress"
    EGRESS = "egress"


class Baseline(StrEnum):
    """A need that many groups share; its rules are told apart from those of the application itself."""

    DNS = "dns"
    """Name resolution by the cluster's DNS, UDP and TCP; the one baseline that may go beyond what was seen."""
    API_SERVER = "api-server"
    """Clients of the Kubernetes API server."""
    SCRAPE = "scrape"
    """A collector of metrics and what it collects from."""
    MESH = "mesh"
    """The control plane of a service mesh and its proxies."""
    SAME_NAMESPACE = "same-namespace"
    """Pods of one namespace among themselves; only in the starter set."""
    OUTSIDE_HTTPS = "outside-https"
    """HTTPS to public addresses; only in the starter set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPeer:
    """All pods of another (or the same) communication group."""

    group: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityPeer:
    """A reserved entity; the addresses seen for it serve dialects that have no entities."""

    entity: Entity
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CidrPeer:
    """Addresses outside the cluster, as prefixes."""

    cidrs: tuple[str, ...]
    """Sorted, with mask, without host bits."""
    excepted: tuple[str, ...] = ()
    """Prefixes inside them that do not count, sorted alike."""

    def excepted_from(self, cidr: str) -> tuple[str, ...]:
        """Those of `excepted` that lie inside one of the prefixes."""
        outer = ip_network(cidr)
        inside = ((text, ip_network(text)) for text in self.excepted)
        return tuple(
            text
            for text, network in inside
            if network.version == outer.version
            and network.network_address in outer
            and network.prefixlen >= outer.prefixlen
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FqdnPeer:
    """A DNS name outside the cluster; the addresses seen for it serve dialects that have no names."""

    name: str
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """The names that were seen, sorted, where `name` is a pattern: `*` stands for any text inside one label."""

    @property
    def is_pattern(self) -> bool:
        """Whether `name` stands for more than itself."""
        return bool(self.names)


Peer = GroupPeer | EntityPeer | CidrPeer | FqdnPeer


def peer_sort_key(peer: Peer) -> tuple[int, str, str]:
    """A total order over peers of all kinds."""
    match peer:
        case GroupPeer(group=group):
            return (0, group.display, group.group_id)
        case EntityPeer(entity=entity):
            return (1, entity.value, "")
        case FqdnPeer(name=name):
            return (2, name, "")
        case CidrPeer(cidrs=cidrs, excepted=excepted):
            return (3, " ".join(cidrs), " ".join(excepted))
        case _:
            assert_never(peer)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PortRule:
    """One destination port (for ICMP: message type) of one protocol, or a range of them."""

    protocol: Protocol
    port: int
    end_port: int = 0
    """Last port of a range, greater than `port`; 0 for a single port."""

    @property
    def last(self) -> int:
        """The last port that it covers."""
        return self.end_port or self.port

    def covers(self, port: int) -> bool:
        """Whether a port of its protocol is this one or lies in the range."""
        return self.port <= port <= self.last

    def __str__(self) -> str:
        return f"{self.protocol}/{self.port}-{self.end_port}" if self.end_port else f"{self.protocol}/{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortName:
    """What the server's pods call a port of a rule; the rule holds the number."""

    port: PortRule
    name: str
    numbers: tuple[int, ...]
    """All numbers that the name stands for in the server's group, sorted; several if its pods disagree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One peer on some ports in one direction, and why."""

    direction: Direction
    peer: Peer
    ports: tuple[PortRule, ...]
    """Sorted; none: every port of every protocol, ICMP too (only in the starter set)."""
    edges: tuple[str, ...]
    """Ids of the edges that it rests on; empty only for a baseline."""
    baseline: Baseline | None = None
    http: tuple[HttpRule, ...] = ()
    """The only HTTP requests that it lets pass, sorted; empty: whatever is sent on these ports."""
    widenings: tuple[Widening, ...] = ()
    """Where it allows more than was seen, on purpose."""
    port_names: tuple[PortName, ...] = ()
    """Names of its ports at the server, sorted by port and name."""

    @property
    def sort_key(self) -> tuple[str, int, tuple[int, str, str], tuple[PortRule, ...]]:
        """Ingress before egress, baselines first, then by peer and ports."""
        return (
            "0" if self.direction is Direction.INGRESS else "1",
            0 if self.baseline else 1,
            peer_sort_key(self.peer),
            self.ports,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A rule, or a part of one, that is not written because existing policies say it already."""

    rule: Rule
    policies: tuple[str, ...]
    """The existing policies (`Kind/namespace/name`) that allow it, sorted."""
    layer7: bool = False
    """They let it pass a layer-7 filter only, which a plain rule would lift."""
    by_name: bool = False
    """Only the flows say so; the policies' texts are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What one group may receive and send; everything else is denied in the isolated directions."""

    name: str
    """A DNS label made from the group's name and id; does not change when rules do."""
    group: Group
    rules: tuple[Rule, ...]
    """Sorted by `Rule.sort_key`."""
    isolate_ingress: bool = True
    isolate_egress: bool = True
    shared: tuple[tuple[Direction, Baseline], ...] = ()
    """Baselines of this group that stand in files of their own instead of among `rules`, sorted."""
    step: StarterStep | None = None
    """Set in the starter set only, where several policies govern a group together."""
    left_out: tuple[LeftOut, ...] = ()
    """What existing policies say already, in the order of the rules."""
    isolated_by: tuple[tuple[Direction, tuple[str, ...]], ...] = ()
    """Directions that existing policies isolate, so that this one does not, with those policies."""

    @property
    def item(self) -> str:
        """`[cluster/]namespace/name`: what decisions call it; stays the same while the group's selector does."""
        return "/".join(part for part in (self.group.cluster, self.group.namespace, self.name) if part)

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Existing policies without which this one is not complete, sorted."""
        named = {name for item in self.left_out for name in item.policies}
        return tuple(sorted(named | {name for _, names in self.isolated_by for name in names}))

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions that it isolates or adds to, which in most policy APIs are one."""
        return tuple(one for one in Direction if self.isolates_in(one) or self.rules_for(one))

    def rules_for(self, direction: Direction) -> tuple[Rule, ...]:
        """The rules of one direction, in order."""
        return tuple(rule for rule in self.rules if rule.direction is direction)

    def isolates_in(self, direction: Direction) -> bool:
        """Whether it denies what no policy allows in this direction."""
        return self.isolate_ingress if direction is Direction.INGRESS else self.isolate_egress

    @property
    def needs_dns_proxy(self) -> bool:
        """Whether an FQDN rule asks for the L7 DNS rule that Cilium learns addresses from."""
        return any(isinstance(rule.peer, FqdnPeer) for rule in self.rules)
