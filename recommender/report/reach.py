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
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from recommender.model.edge import WorkloadEnd
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
    """Whether policies isolate the egress of all its workloads."""
    groups: int
    """Other groups, directly: its egress and their ingress allow some port."""
    groups_by_hops: int
    """Other groups, directly or by taking over the groups on the way."""
    workload_pairs: int | None
    """Pairs of one of its workloads and another workload, of any group, that are open directly; None if unknown."""
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

    Judged workload by workload, whatever group a policy or a peer is made for: a pair counts as open if the client's
    egress and the server's ingress both let some port through; a direction without an isolating policy lets
    everything through (Kubernetes documentation, "Network Policies": both sides must allow, policies add up). A pair
    of groups is open if one pair of their workloads is. Sorted by group.
    """
    ordered = sorted(groups, key=group_order)
    ends = [member for group in ordered for member in group.members]
    home = [place for place, group in enumerate(ordered) for _ in group.members]
    governing = policies_of_workloads(policies)
    open_to = _open_to(ends, governing)
    first = 0
    direct: list[int] = []
    pairs: list[int] = []
    for group in ordered:
        rows = open_to[first : first + len(group.members)]
        pairs.append(sum((row & ~(1 << place)).bit_count() for place, row in enumerate(rows, start=first)))
        direct.append(_homes(reduce(or_, rows, 0), home))
        first += len(group.members)
    hops = closure(direct)
    found = []
    for place, group in enumerate(ordered):
        own = 1 << place
        out = _egress(group, governing)
        found.append(
            GroupReach(
                group=group,
                governed=out is not None,
                groups=(direct[place] & ~own).bit_count(),
                groups_by_hops=(hops[place] & ~own).bit_count(),
                workload_pairs=pairs[place],
                entities=len({rule.peer.entity for rule in out or () if isinstance(rule.peer, EntityPeer)}),
                external_peers=len({name for rule in out or () for name in _outside_names(rule.peer)}),
                world=out is None or any(is_any_address(rule.peer, dialect) for rule in out),
            )
        )
    return tuple(found)


def policies_of_workloads(policies: Iterable[Policy]) -> dict[WorkloadEnd, tuple[Policy, ...]]:
    """The policies that govern each workload, in the order given."""
    found: defaultdict[WorkloadEnd, list[Policy]] = defaultdict(list)
    for policy in policies:
        for member in policy.group.members:
            found[member].append(policy)
    return {member: tuple(governing) for member, governing in found.items()}


def policies_of_group(group: Group, governing: Mapping[WorkloadEnd, tuple[Policy, ...]]) -> tuple[Policy, ...]:
    """Every policy that governs a workload of the group, once."""
    named = {policy.name: policy for member in group.members for policy in governing.get(member, ())}
    return tuple(named.values())


def _egress(group: Group, governing: Mapping[WorkloadEnd, tuple[Policy, ...]]) -> list[Rule] | None:
    """The egress rules of a group; None unless policies isolate the egress of all its workloads."""
    if not all(any(policy.isolate_egress for policy in governing.get(member, ())) for member in group.members):
        return None
    return [rule for policy in policies_of_group(group, governing) for rule in policy.rules_for(Direction.EGRESS)]


def _outside_names(peer: Peer) -> tuple[str, ...]:
    match peer:
        case FqdnPeer(name=name):
            return (name,)
        case CidrPeer(cidrs=cidrs):
            return cidrs
        case _:
            return ()


def _open_to(ends: Sequence[WorkloadEnd], governing: Mapping[WorkloadEnd, tuple[Policy, ...]]) -> list[int]:
    """Per workload the set of workloads it can open connections to, as bits in the order of `ends`."""
    places = {end: place for place, end in enumerate(ends)}
    everyone = (1 << len(ends)) - 1
    standing: defaultdict[tuple[str, ...], int] = defaultdict(int)
    policies: dict[tuple[str, ...], tuple[Policy, ...]] = {}
    for place, end in enumerate(ends):
        own = governing.get(end, ())
        key = tuple(policy.name for policy in own)
        standing[key] |= 1 << place
        policies[key] = own
    admits_all, admitted, wanted = 0, [0] * len(ends), [0] * len(ends)
    for key, alike in standing.items():
        clients = _named(policies[key], Direction.INGRESS, places, everyone)
        if clients == everyone:
            admits_all |= alike
        else:
            for client in _bits(clients):
                admitted[client] |= alike
        servers = _named(policies[key], Direction.EGRESS, places, everyone)
        for place in _bits(alike):
            wanted[place] = servers
    return [ours & (theirs | admits_all) for ours, theirs in zip(wanted, admitted, strict=True)]


def _homes(workloads: int, home: Sequence[int]) -> int:
    """The groups of these workloads, as bits."""
    found = 0
    for place in _bits(workloads):
        found |= 1 << home[place]
    return found


def _bits(row: int) -> Iterator[int]:
    """Places of the bits that are set, lowest first."""
    while row:
        lowest = row & -row
        yield lowest.bit_length() - 1
        row ^= lowest


def _named(policies: Sequence[Policy], direction: Direction, places: Mapping[WorkloadEnd, int], everyone: int) -> int:
    """The workloads that these policies together let through in one direction."""
    if not any(policy.isolates_in(direction) for policy in policies):
        return everyone
    found = 0
    for rule in (rule for policy in policies for rule in policy.rules_for(direction)):
        match rule.peer:
            case GroupPeer(group=group):
                found |= reduce(or_, (1 << places[member] for member in group.members if member in places), 0)
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
