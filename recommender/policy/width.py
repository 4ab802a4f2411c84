"""How many connections between workloads do policies open, seen or not?"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.model.entity import Entity
from recommender.model.policy import Direction, EntityPeer, GroupPeer, PortRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.edge import WorkloadEnd
    from recommender.model.policy import Policy, Rule

_EVERY_POD = frozenset({Entity.CLUSTER, Entity.ALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """Workloads of one home that the same policies govern, and whom these let through in one direction."""

    home: str
    members: int
    """As bits in the order of the workloads, like all sets of workloads here."""
    on_every_port: int
    on_port: Mapping[PortRule, int]
    """What single ports let through besides."""
    in_range: tuple[tuple[PortRule, int], ...] = ()
    """What ranges of ports let through besides."""

    def on(self, port: PortRule) -> int:
        """Whom it lets through on a port."""
        found = self.on_every_port | self.on_port.get(port, 0)
        for span, peers in self.in_range:
            if span.protocol is port.protocol and span.covers(port.port):
                found |= peers
        return found


def count_open(policies: Iterable[Policy], homes: Mapping[WorkloadEnd, str], ports: Iterable[PortRule]) -> Counter[str]:
    """(client, server, port) that the policies let through between workloads, counted by home.

    A triple counts where the client's egress and the server's ingress both let it through, on each of `ports`; rules
    for every port count on all of them. A workload's way to its own replicas counts too. `homes` holds every workload
    and what it is counted for, or the empty text; a triple counts for its server's home, else for its client's.
    """
    ends = sorted(homes)
    places = {end: place for place, end in enumerate(ends)}
    governing = _governing(policies, ends, homes)
    senders = [_stand(home, members, own, Direction.EGRESS, places) for (home, members), own in governing]
    receivers = [_stand(home, members, own, Direction.INGRESS, places) for (home, members), own in governing]
    found: Counter[str] = Counter()
    for port in sorted(set(ports)):
        receiving = _let_through(receivers, port)
        for (client, servers), sending in _let_through(senders, port).items():
            for (server, clients), heard in receiving.items():
                if home := server or client:
                    found[home] += (sending & clients).bit_count() * (heard & servers).bit_count()
    return found


def _governing(
    policies: Iterable[Policy], ends: Sequence[WorkloadEnd], homes: Mapping[WorkloadEnd, str]
) -> list[tuple[tuple[str, int], tuple[Policy, ...]]]:
    """(home, workloads) with the policies that govern just these."""
    own: defaultdict[WorkloadEnd, list[Policy]] = defaultdict(list)
    for policy in policies:
        for member in policy.group.members:
            own[member].append(policy)
    members: defaultdict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
    alike: dict[tuple[str, tuple[str, ...]], tuple[Policy, ...]] = {}
    for place, end in enumerate(ends):
        key = (homes[end], tuple(policy.name for policy in own[end]))
        members[key] |= 1 << place
        alike[key] = tuple(own[end])
    return [((key[0], bits), alike[key]) for key, bits in members.items()]


def _stand(
    home: str, members: int, governing: Sequence[Policy], direction: Direction, places: Mapping[WorkloadEnd, int]
) -> _Standing:
    everyone = (1 << len(places)) - 1
    if not any(policy.isolates_in(direction) for policy in governing):
        return _Standing(home=home, members=members, on_every_port=everyone, on_port={})
    on_every_port = 0
    on_port: defaultdict[PortRule, int] = defaultdict(int)
    for rule in (rule for policy in governing for rule in policy.rules_for(direction)):
        peers = _named(rule, places, everyone)
        on_every_port |= 0 if rule.ports else peers
        for port in rule.ports:
            on_port[port] |= peers
    return _Standing(
        home=home,
        members=members,
        on_every_port=on_every_port,
        on_port=on_port,
        in_range=tuple((port, peers) for port, peers in on_port.items() if port.end_port),
    )


def _let_through(standings: Iterable[_Standing], port: PortRule) -> dict[tuple[str, int], int]:
    """The workloads by their home and their peers on the port; those without a peer left out."""
    found: defaultdict[tuple[str, int], int] = defaultdict(int)
    for standing in standings:
        if peers := standing.on(port):
            found[standing.home, peers] |= standing.members
    return found


def _named(rule: Rule, places: Mapping[WorkloadEnd, int], everyone: int) -> int:
    match rule.peer:
        case GroupPeer(group=group):
            bits = 0
            for member in group.members:
                bits |= 1 << places[member] if member in places else 0
            return bits
        case EntityPeer(entity=entity) if entity in _EVERY_POD:
            return everyone
        case _:
            return 0
