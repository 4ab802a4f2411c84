"""What an intruder in one group could open connections to, before and after the policies."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import reduce
from graphlib import TopologicalSorter
from itertools import accumulate
from operator import or_
from typing import TYPE_CHECKING

from recommender.model.entity import Entity
from recommender.model.manifest import Dialect
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer
from recommender.report.view_groups import group_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recommender.model.group import Group
    from recommender.model.policy import Peer, Policy, Rule

_EVERY_POD = frozenset({Entity.CLUSTER, Entity.ALL})
_EVERY_ADDRESS = frozenset({Entity.WORLD, Entity.ALL})
_EVERY_PREFIX = frozenset({"0.0.0.0/0", "::/0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReach:
    """What the pods of one group can reach by the policies."""

    group: Group
    governed: bool
    """Whether a policy isolates its egress."""
    groups: int
    """Other groups, directly: its egress and their ingress allow some port."""
    groups_by_hops: int
    """Other groups, directly or by taking over the groups on the way."""
    entities: int
    """Reserved entities that its egress rules name."""
    external_peers: int
    """DNS names and prefixes that its egress rules name."""
    world: bool
    """Whether it may open connections to any address outside."""


def is_any_address(peer: Peer, dialect: Dialect) -> bool:
    """Whether a peer stands for the whole outside, as the dialect writes it: only Cilium's tells entities apart."""
    match peer:
        case EntityPeer(entity=entity):
            return entity in _EVERY_ADDRESS or dialect is not Dialect.CILIUM
        case CidrPeer(cidrs=cidrs):
            return not _EVERY_PREFIX.isdisjoint(cidrs)
        case _:
            return False


def reach(
    groups: Iterable[Group], policies: Iterable[Policy], dialect: Dialect = Dialect.CILIUM
) -> tuple[GroupReach, ...]:
    """Which groups can open a connection to which?

    A pair counts as open if the client's egress and the server's ingress both let some port through; a direction
    without an isolating policy lets everything through (Kubernetes documentation, "Network Policies": both sides
    must allow). Sorted by group.
    """
    ordered = sorted(groups, key=group_order)
    by_group = {policy.group.display: policy for policy in policies}
    governing = [by_group.get(group.display) for group in ordered]
    direct = _direct(ordered, governing)
    return tuple(
        _group_reach(group, policy, dialect, direct[place] & ~(1 << place), hops & ~(1 << place))
        for place, (group, policy, hops) in enumerate(zip(ordered, governing, closure(direct), strict=True))
    )


def _group_reach(group: Group, policy: Policy | None, dialect: Dialect, direct: int, hops: int) -> GroupReach:
    rules = policy.rules_for(Direction.EGRESS) if policy and policy.isolate_egress else ()
    isolated = policy is not None and policy.isolate_egress
    outside = {name for rule in rules for name in _outside_names(rule.peer)}
    return GroupReach(
        group=group,
        governed=isolated,
        groups=direct.bit_count(),
        groups_by_hops=hops.bit_count(),
        entities=len({rule.peer.entity for rule in rules if isinstance(rule.peer, EntityPeer)}),
        external_peers=len(outside),
        world=not isolated or any(is_any_address(rule.peer, dialect) for rule in rules),
    )


def _outside_names(peer: Peer) -> tuple[str, ...]:
    match peer:
        case FqdnPeer(name=name):
            return (name,)
        case CidrPeer(cidrs=cidrs):
            return cidrs
        case _:
            return ()


def _direct(groups: Sequence[Group], policies: Sequence[Policy | None]) -> list[int]:
    """Per group the set of groups it can open connections to, as bits in the order of the groups."""
    places = {group.display: place for place, group in enumerate(groups)}
    everyone = (1 << len(groups)) - 1
    admits_all, admitted = 0, [0] * len(groups)
    for place, policy in enumerate(policies):
        clients = everyone
        if policy and policy.isolate_ingress:
            clients = _named(policy.rules_for(Direction.INGRESS), places, everyone)
        if clients == everyone:
            admits_all |= 1 << place
            continue
        for client in _bits(clients):
            admitted[client] |= 1 << place
    wanted = [
        _named(policy.rules_for(Direction.EGRESS), places, everyone) if policy and policy.isolate_egress else everyone
        for policy in policies
    ]
    return [ours & (theirs | admits_all) for ours, theirs in zip(wanted, admitted, strict=True)]


def _bits(row: int) -> Iterator[int]:
    """Places of the bits that are set, lowest first."""
    while row:
        lowest = row & -row
        yield lowest.bit_length() - 1
        row ^= lowest


def _named(rules: Iterable[Rule], places: dict[str, int], everyone: int) -> int:
    found = 0
    for rule in rules:
        match rule.peer:
            case GroupPeer(group=group) if group.display in places:
                found |= 1 << places[group.display]
            case EntityPeer(entity=entity) if entity in _EVERY_POD:
                found |= everyone
            case _:
                continue
    return found


def closure(direct: Sequence[int]) -> list[int]:
    """Reach in any number of hops.

    Groups with the same first hops reach the same. What is left is parted into circles (strongly connected components),
    and each circle reaches its own first hops and what the circles after it reach.
    """
    rows = {row: place for place, row in enumerate(dict.fromkeys(direct))}
    links = [{rows[direct[end]] for end in _bits(row)} for row in rows]
    circles = _circles(links)
    own: dict[int, int] = defaultdict(int)
    after: dict[int, set[int]] = {circle: set() for circle in circles}
    for row, place in rows.items():
        own[circles[place]] |= row
        after[circles[place]] |= {circles[link] for link in links[place]} - {circles[place]}
    reached: dict[int, int] = {}
    for circle in TopologicalSorter(after).static_order():
        reached[circle] = reduce(or_, (reached[other] for other in after[circle]), own[circle])
    return [reached[circles[rows[row]]] for row in direct]


def _circles(links: Sequence[set[int]]) -> list[int]:
    """The strongly connected component of each place."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - only a report needs it, and it is slow to import
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    ends = [end for found in links for end in sorted(found)]
    starts = [0, *accumulate(map(len, links))]
    graph = csr_array(([1] * len(ends), ends, starts), shape=(len(links), len(links)))
    _, circles = connected_components(graph, directed=True, connection="strong")
    return [int(circle) for circle in circles]
