"""How workloads behave: with whom, in which direction and on which port they talk, with peers taken as groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.group.subject import Subject
    from recommender.model.edge import Edge, End, WorkloadEnd

MIN_HOLDERS = 2
"""A feature of fewer workloads than this is noise when roles are sought (scoring §8: drop it, do not weigh by IDF)."""

Profile = frozenset[int]
"""Numbers of the features that a workload has."""

_Feature = tuple[str, str, str, int]
"""Direction, peer group, protocol, server port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The features of every workload; a workload without edges has none."""

    everything: Mapping[End, Profile]
    shared: Mapping[End, Profile]
    """Only features that at least two workloads have."""

    def profile(self, ends: Iterable[WorkloadEnd]) -> Profile:
        """Shared features that any of these workloads has."""
        return frozenset().union(*(self.shared.get(end, frozenset()) for end in ends))

    def majority(self, ends: Sequence[WorkloadEnd]) -> Profile:
        """Shared features that more than half of these workloads have."""
        counts = Counter(number for end in ends for number in self.shared.get(end, ()))
        return frozenset(number for number, count in counts.items() if 2 * count > len(ends))


def observe_behaviour(subjects: Iterable[Subject], edges: Iterable[Edge]) -> Behaviour:
    """Turn edges into features; peers that may be one role count as one peer (scoring §8: ARI .06 → .61)."""
    peers: dict[End, str] = {subject.end: repr(subject.role_key) for subject in subjects}
    features: dict[End, set[_Feature]] = {end: set() for end in peers}
    for edge in edges:
        client, server = edge.client, edge.server
        if client in features:
            features[client].add(("to", _peer(server, peers), edge.protocol.value, edge.port))
        if server in features:
            features[server].add(("from", _peer(client, peers), edge.protocol.value, edge.port))
    holders: defaultdict[_Feature, int] = defaultdict(int)
    for found in features.values():
        for feature in found:
            holders[feature] += 1
    numbers = {feature: number for number, feature in enumerate(sorted(holders))}
    common = {feature: number for feature, number in numbers.items() if holders[feature] >= MIN_HOLDERS}
    return Behaviour(
        everything={end: frozenset(numbers[one] for one in found) for end, found in features.items() if found},
        shared={end: frozenset(common[one] for one in found if one in common) for end, found in features.items()},
    )


def _peer(end: End, peers: dict[End, str]) -> str:
    name = peers.get(end)
    if name is None:
        name = peers[end] = str(end)
    return name
