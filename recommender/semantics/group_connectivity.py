"""What may the pods of each group reach by these policies, and what differs between two sets of policies?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import TYPE_CHECKING, Final

from recommender.model.connection import AddressEndpoint
from recommender.model.dialect_width import DialectWidth
from recommender.model.existing import JudgedReach, ReachChange
from recommender.model.policy import Direction
from recommender.semantics.connectivity import ENTITIES, WORLD, MapEnd, PairJudge, entity_end, outside_ends
from recommender.semantics.judged_ends import pods_of
from recommender.semantics.named_ends import SOME_ADDRESS
from recommender.semantics.peers import CidrPeer, NamedPeer
from recommender.semantics.port_spans import spans_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recommender.model.connection import JudgedEndpoint
    from recommender.model.edge import Workload, WorkloadEnd
    from recommender.model.group import Group
    from recommender.semantics.cluster_policies import ClusterPolicies

MAX_GROUPS: Final = 1000
"""Groups beyond which pairs are not worked out: a million pairs take some seconds."""
_WORLD_END: Final = MapEnd(name=WORLD, is_workload=False, endpoints=(AddressEndpoint(address=SOME_ADDRESS),))


def group_reach(
    groups: Sequence[Group], policies: ClusterPolicies, workloads: Sequence[Workload]
) -> tuple[JudgedReach, ...]:
    """For each group what its pods may reach on some port, in the order of the groups; empty beyond `MAX_GROUPS`.

    Both sides must let a common port through, for some of the pods of each.
    """
    if len(groups) > MAX_GROUPS:
        return ()
    ends = _group_ends(groups, policies, workloads)
    judge = PairJudge(policies=policies)
    pairs = _workload_pairs(groups, judge, workloads)
    return tuple(_reach(end, ends, judge, pairs.get(end.name)) for end in ends)


def group_width(groups: Sequence[Group], policies: ClusterPolicies, workloads: Sequence[Workload]) -> DialectWidth:
    """How much is open between groups, and between them and the outside, on some port?"""
    ends = _group_ends(groups, policies, workloads)
    judge = PairJudge(policies=policies)
    return DialectWidth(
        pairs=sum(bool(judge.reach(one, other).ports) for one, other in permutations(ends, 2)),
        to_world=sum(bool(judge.reach(end, _WORLD_END).ports) for end in ends),
        from_world=sum(bool(judge.reach(_WORLD_END, end).ports) for end in ends),
    )


def _workload_pairs(groups: Sequence[Group], judge: PairJudge, workloads: Sequence[Workload]) -> dict[str, int]:
    """By group, how many pairs of one of its workloads and another are open; empty beyond `MAX_GROUPS` workloads."""
    known = {workload.end: workload for workload in workloads}
    ends = [
        (
            group.display,
            MapEnd(name=str(member), is_workload=True, endpoints=judge.policies.distinct(pods_of(known[member]))),
        )
        for group in groups
        for member in group.members
        if member in known
    ]
    if len(ends) > MAX_GROUPS:
        return {}
    found = {group.display: 0 for group in groups}
    for display, source in ends:
        found[display] += sum(
            bool(judge.reach(source, destination).ports) for _, destination in ends if destination is not source
        )
    return found


def _reach(end: MapEnd, ends: Sequence[MapEnd], judge: PairJudge, workload_pairs: int | None) -> JudgedReach:
    policies = judge.policies
    isolated = [
        policies.of(one).isolated_by(one, Direction.EGRESS) for one in end.endpoints if _governed(policies, one)
    ]
    return JudgedReach(
        group=end.name,
        isolated=bool(isolated) and all(isolated),
        groups=frozenset(other.name for other in ends if other is not end and judge.reach(end, other).ports),
        workload_pairs=workload_pairs,
        entities=sum(bool(judge.reach(end, entity_end(entity)).ports) for entity in ENTITIES),
        external_peers=len(_external_peers(policies, end)),
        world=bool(judge.reach(end, _WORLD_END).ports),
        open_to_world=spans_text(judge.reach(_WORLD_END, end).ports),
    )


def _governed(policies: ClusterPolicies, end: JudgedEndpoint) -> bool:
    return policies.of(end).view(end).governed


def _external_peers(policies: ClusterPolicies, end: MapEnd) -> set[CidrPeer | NamedPeer]:
    """The prefixes and names that egress rules of these pods name."""
    found: set[CidrPeer | NamedPeer] = set()
    for one in end.endpoints:
        table = policies.of(one).egress
        own = policies.of(one).view(one).as_source.rules - table.denying
        found.update(
            peer for peer, bits in table.other_peers.items() if bits & own and isinstance(peer, CidrPeer | NamedPeer)
        )
    return found


def _group_ends(
    groups: Sequence[Group], policies: ClusterPolicies, workloads: Sequence[Workload]
) -> tuple[MapEnd, ...]:
    known: Mapping[WorkloadEnd, Workload] = {workload.end: workload for workload in workloads}
    return tuple(
        MapEnd(
            name=group.display,
            is_workload=True,
            endpoints=policies.distinct(
                endpoint for member in group.members if member in known for endpoint in pods_of(known[member])
            ),
        )
        for group in groups
    )


def reach_changes(
    groups: Sequence[Group], before: ClusterPolicies, after: ClusterPolicies, workloads: Sequence[Workload]
) -> tuple[ReachChange, ...]:
    """The pairs of groups, and of groups and the outside, whose ports differ; sorted, and empty beyond `MAX_GROUPS`."""
    if len(groups) > MAX_GROUPS:
        return ()
    ends = [
        replace(old, endpoints=tuple(dict.fromkeys((*old.endpoints, *new.endpoints))))
        for old, new in zip(_group_ends(groups, before, workloads), _group_ends(groups, after, workloads), strict=True)
    ]
    comparison = _Comparison(before=PairJudge(policies=before), after=PairJudge(policies=after))
    return tuple(sorted(comparison.changes(ends), key=lambda change: (change.source, change.destination)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """Judges the same pairs by two sets of policies."""

    before: PairJudge
    after: PairJudge

    def changes(self, ends: Sequence[MapEnd]) -> Iterator[ReachChange]:
        """Each pair that differs; a prefix or name only where it differs from the world as such."""
        entities = [entity_end(entity) for entity in ENTITIES]
        for source, destination in product(ends, (*ends, *entities, _WORLD_END)):
            yield from self._change(source, destination)
        for source, destination in product((*entities, _WORLD_END), ends):
            yield from self._change(source, destination)
        outside = self._outside()
        for end in ends:
            named = {f"cidr:{peer.network}" for judge in self._judges() for peer in _cidrs(judge.policies, end)}
            named |= {f"fqdn:{peer.pattern.text}" for judge in self._judges() for peer in _named(judge.policies, end)}
            for name in sorted(named & outside.keys()):
                yield from self._change(end, outside[name])

    def _judges(self) -> tuple[PairJudge, PairJudge]:
        return self.before, self.after

    def _outside(self) -> dict[str, MapEnd]:
        """The narrow outside ends by name; where only one side knows a prefix its sample serves both."""
        return {end.name: end for judge in self._judges() for end in outside_ends(judge.policies) if end.name != WORLD}

    def _change(self, source: MapEnd, destination: MapEnd) -> Iterator[ReachChange]:
        old, new = (judge.reach(source, destination).ports for judge in self._judges())
        if old != new:
            yield ReachChange(
                source=source.name, destination=destination.name, before=spans_text(old), after=spans_text(new)
            )


def _cidrs(policies: ClusterPolicies, end: MapEnd) -> list[CidrPeer]:
    return [peer for peer in _external_peers(policies, end) if isinstance(peer, CidrPeer)]


def _named(policies: ClusterPolicies, end: MapEnd) -> list[NamedPeer]:
    return [peer for peer in _external_peers(policies, end) if isinstance(peer, NamedPeer)]
