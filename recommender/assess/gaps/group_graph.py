"""Which group may open a connection to which, by the policies; and the shortest ways from outside."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.entity import Entity
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.policy import Peer, Policy

_EVERY_POD: Final = frozenset({Entity.CLUSTER, Entity.ALL})
_OUTSIDE: Final = frozenset({Entity.WORLD, Entity.ALL, Entity.INGRESS})
"""Cilium's own ingress stands for the clients of its gateways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGraph:
    """Displays of groups, and who may call whom: both the client's egress and the server's ingress must allow it."""

    groups: frozenset[str]
    calls: Mapping[str, frozenset[str] | None]
    """By client: the servers that its egress names; None for any. Clients that are missing may call any."""
    open_servers: frozenset[str]
    """Servers that admit any pod."""
    admitted: Mapping[str, frozenset[str]]
    """By client: other servers whose ingress names it."""
    faces_outside: frozenset[str]
    """Servers whose ingress rules name peers outside the cluster."""

    @classmethod
    def of(cls, groups: Iterable[str], policies: Iterable[Policy]) -> GroupGraph:
        """The graph of these policies; groups without one are open in both directions."""
        every = frozenset(groups)
        calls: dict[str, frozenset[str] | None] = {}
        admitted: defaultdict[str, set[str]] = defaultdict(set)
        closed, outside = set(), set()
        for policy in policies:
            display = policy.group.display
            if policy.isolate_egress:
                calls[display] = _named(rule.peer for rule in policy.rules_for(Direction.EGRESS))
            peers = [rule.peer for rule in policy.rules_for(Direction.INGRESS)]
            if any(_is_outside(peer) for peer in peers):
                outside.add(display)
            clients = _named(peers) if policy.isolate_ingress else None
            if clients is not None:
                closed.add(display)
                for client in clients:
                    admitted[client].add(display)
        return cls(
            groups=every,
            calls=calls,
            open_servers=every - closed,
            admitted={client: frozenset(servers) for client, servers in admitted.items()},
            faces_outside=frozenset(outside),
        )

    def ways_from(self, starts: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """By group that can be reached: a shortest way, from a start to the group itself; the first by name of several.

        Every group is visited once and open servers are taken out once, so dense graphs cost no more than their rules.
        """
        ways: dict[str, tuple[str, ...]] = {start: (start,) for start in sorted(set(starts) & self.groups)}
        waiting = deque(ways)
        left_open = set(self.open_servers)
        while waiting:
            client = waiting.popleft()
            named = self.calls.get(client)
            wanted = self.admitted.get(client, frozenset()) | left_open
            if client in self.calls and named is not None:
                wanted &= named
            for server in sorted((wanted - ways.keys()) & self.groups):
                ways[server] = (*ways[client], server)
                waiting.append(server)
            left_open -= wanted
        return ways


def _named(peers: Iterable[Peer]) -> frozenset[str] | None:
    """The groups that these peers name; None if one of them stands for every pod."""
    found = set()
    for peer in peers:
        match peer:
            case GroupPeer(group=group):
                found.add(group.display)
            case EntityPeer(entity=entity) if entity in _EVERY_POD:
                return None
            case _:
                continue
    return frozenset(found)


def _is_outside(peer: Peer) -> bool:
    return isinstance(peer, CidrPeer | FqdnPeer) or (isinstance(peer, EntityPeer) and peer.entity in _OUTSIDE)
