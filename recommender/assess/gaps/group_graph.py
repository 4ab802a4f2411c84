"""Which group may open a connection to which, by the policies; and the shortest ways from outside."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.entity import Entity
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.edge import WorkloadEnd
    from recommender.model.group import Group
    from recommender.model.policy import Peer, Policy

    Cells = frozenset[int]

_EVERY_POD: Final = frozenset({Entity.CLUSTER, Entity.ALL})
_OUTSIDE: Final = frozenset({Entity.WORLD, Entity.ALL, Entity.INGRESS})
"""Cilium's own ingress stands for the clients of its gateways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGraph:
    """Who may call whom: both the client's egress and the server's ingress must allow it, and policies add up.

    Policies and peers may be of different levels (a namespace, a workload in it), so the nodes are cells: sets of
    workloads that belong to the same groups.
    """

    names: Sequence[str]
    """By cell: `Group.display` of the group that it is shown as."""
    calls: Mapping[int, Cells]
    """By client: the servers that its egress names. Clients that are missing may call any."""
    open_servers: Cells
    """Servers that admit any pod."""
    admitted: Mapping[int, Cells]
    """By client: other servers whose ingress names it."""
    outward: Cells
    """Servers whose ingress rules name peers outside the cluster."""

    @classmethod
    def of(cls, groups: Sequence[Group], policies: Sequence[Policy]) -> GroupGraph:
        """The graph of these policies; groups without one are open in both directions."""
        shown = {member: group.display for group in groups for member in group.members}
        cells = _cells_by_group(groups, policies)
        names = {cell: shown.get(member, str(member)) for member, cell in cells.by_member.items()}
        calls = _named_by(policies, Direction.EGRESS, cells.by_group)
        clients = _named_by(policies, Direction.INGRESS, cells.by_group)
        admitted: defaultdict[int, set[int]] = defaultdict(set)
        for server, found in clients.items():
            for client in found or ():
                admitted[client].add(server)
        outward = {
            cell
            for policy in policies
            if any(_is_outside(rule.peer) for rule in policy.rules_for(Direction.INGRESS))
            for cell in cells.by_group[policy.group.display]
        }
        return cls(
            names=[names[cell] for cell in range(len(names))],
            calls={client: found for client, found in calls.items() if found is not None},
            open_servers=frozenset(cell for cell in names if clients.get(cell) is None),
            admitted={client: frozenset(servers) for client, servers in admitted.items()},
            outward=frozenset(outward),
        )

    @property
    def faces_outside(self) -> frozenset[str]:
        """Displays of the groups whose ingress rules name peers outside the cluster."""
        return frozenset(self.names[cell] for cell in self.outward)

    def ways_from(self, starts: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """By group that can be reached: a shortest way, from a start to the group itself; the first by name of several.

        Every cell is visited once and open servers are taken out once, so dense graphs cost no more than their rules.
        """
        wanted_starts = set(starts)
        begin = sorted((name, cell) for cell, name in enumerate(self.names) if name in wanted_starts)
        ways: dict[int, tuple[str, ...]] = {cell: (name,) for name, cell in begin}
        waiting, left_open, everyone = deque(ways), set(self.open_servers), frozenset(range(len(self.names)))
        while waiting:
            client = waiting.popleft()
            servers = (self.admitted.get(client, frozenset()) | left_open) & self.calls.get(client, everyone)
            for server in sorted(servers - ways.keys(), key=lambda cell: (self.names[cell], cell)):
                name = self.names[server]
                ways[server] = ways[client] if name == ways[client][-1] else (*ways[client], name)
                waiting.append(server)
            left_open -= servers
        shortest: dict[str, tuple[str, ...]] = {}
        for cell, way in ways.items():
            name = self.names[cell]
            shortest[name] = min(shortest.get(name, way), way, key=lambda found: (len(found), found))
        return shortest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    by_member: Mapping[WorkloadEnd, int]
    by_group: Mapping[str, Cells]


def _cells_by_group(groups: Sequence[Group], policies: Sequence[Policy]) -> _Cells:
    """Cells, numbered in the order of their first member, and which of them each group holds, peers' groups too."""
    peers = (rule.peer for policy in policies for rule in policy.rules)
    mentioned = [*groups, *(policy.group for policy in policies)]
    mentioned += [peer.group for peer in peers if isinstance(peer, GroupPeer)]
    belongs: defaultdict[WorkloadEnd, set[str]] = defaultdict(set)
    for group in {group.display: group for group in mentioned}.values():
        for member in group.members:
            belongs[member].add(group.display)
    numbers: dict[frozenset[str], int] = {}
    by_member = {member: numbers.setdefault(frozenset(belongs[member]), len(numbers)) for member in sorted(belongs)}
    by_group: defaultdict[str, set[int]] = defaultdict(set)
    for held, number in numbers.items():
        for display in held:
            by_group[display].add(number)
    return _Cells(
        by_member=by_member,
        by_group=defaultdict(frozenset, {display: frozenset(found) for display, found in by_group.items()}),
    )


def _named_by(
    policies: Iterable[Policy], direction: Direction, cells: Mapping[str, Cells]
) -> Mapping[int, Cells | None]:
    """By cell that some policy isolates in this direction: the cells that all its policies name; None for every pod."""
    isolated: set[int] = set()
    found: defaultdict[int, set[int]] = defaultdict(set)
    anyone: set[int] = set()
    for policy in policies:
        subjects = cells[policy.group.display]
        named: set[int] = set()
        for rule in policy.rules_for(direction):
            match rule.peer:
                case GroupPeer(group=group):
                    named |= cells[group.display]
                case EntityPeer(entity=entity) if entity in _EVERY_POD:
                    anyone |= subjects
                case _:
                    continue
        isolated |= subjects if policy.isolates_in(direction) else set()
        for subject in subjects:
            found[subject] |= named
    return {cell: None if cell in anyone else frozenset(found[cell]) for cell in isolated}


def _is_outside(peer: Peer) -> bool:
    return isinstance(peer, CidrPeer | FqdnPeer) or (isinstance(peer, EntityPeer) and peer.entity in _OUTSIDE)
