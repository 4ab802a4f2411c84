"""Which connections pass by one set of policies and not by another? Judged pair by pair, exact to the port."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from recommender.model.connection import Connection, PodEndpoint
from recommender.model.policy import Direction
from recommender.rollout.diff.change import ChangeKind, ConnectionChange, IsolationChange, covers
from recommender.rollout.diff.reason import reason_of
from recommender.semantics.connectivity import (
    ENTITIES,
    WORLD,
    MapEnd,
    PairJudge,
    entity_end,
    outside_ends,
    workload_ends,
)
from recommender.semantics.named_ends import as_peer_of
from recommender.semantics.port_spans import beyond, either

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recommender.model.connection import JudgedEndpoint
    from recommender.rollout.diff.recorded_pairs import RecordedPairs
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.port_spans import PortSpan
    from recommender.semantics.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What differs for one combination of the pods of two ends."""

    source: JudgedEndpoint
    destination: JudgedEndpoint
    before: tuple[PortSpan, ...]
    after: tuple[PortSpan, ...]

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sets of policies over the same ends."""

    before: ClusterPolicies
    after: ClusterPolicies
    ends: tuple[MapEnd, ...]
    """Workloads, then entities and what lies outside."""
    _judges: tuple[PairJudge, PairJudge] = field(repr=False)

    @classmethod
    def of(cls, before: ClusterPolicies, after: ClusterPolicies, scene: Scene) -> Comparison:
        """The ends are the workloads, the entities, and every prefix and name that one of the two sets tells apart."""
        ends = (
            *(_distinct(end, (before, after)) for end in workload_ends(scene)),
            *(entity_end(entity) for entity in ENTITIES),
            *{end.name: end for end in outside_ends(before, after)}.values(),
        )
        return cls(
            before=before,
            after=after,
            ends=ends,
            _judges=(PairJudge(policies=before), PairJudge(policies=after)),
        )

    @property
    def pairs(self) -> Iterator[tuple[MapEnd, MapEnd]]:
        """Every pair of which at least one end is a workload; a name is only where connections go to."""
        for source, destination in product(self.ends, self.ends):
            inside = source.is_workload or destination.is_workload
            if inside and not source.name.startswith("fqdn:"):
                yield source, destination

    def connections(self, recorded: RecordedPairs) -> tuple[ConnectionChange, ...]:
        """The pairs that differ, sorted; a prefix or name only where it differs from the world as such."""
        found = [change for pair in self.pairs if (change := self._change(*pair, recorded)) is not None]
        return tuple(sorted(_telling(found), key=lambda change: (change.source, change.destination)))

    def isolation(self) -> Iterator[IsolationChange]:
        """The workloads that are denied by default under one of the two sets only, for all or for some pods."""
        for end, direction in product((end for end in self.ends if end.is_workload), Direction):
            old, new = (
                all(policies.of(pod).isolated_by(pod, direction) for pod in end.endpoints)
                for policies in (self.before, self.after)
            )
            if old != new:
                yield IsolationChange(workload=end.name, direction=direction, isolated=new)

    def cases(self, source: MapEnd, destination: MapEnd) -> list[_Case]:
        """Every combination of their pods with its ports under both sets."""
        found = []
        for client, other in product(source.endpoints, destination.endpoints):
            server = as_peer_of(client, other)
            old, new = (judge.ports(client, server) for judge in self._judges)
            found.append(_Case(source=client, destination=server, before=old, after=new))
        return found

    def _change(self, source: MapEnd, destination: MapEnd, recorded: RecordedPairs) -> ConnectionChange | None:
        cases = self.cases(source, destination)
        changed = [case for case in cases if case.differs]
        if not changed:
            return None
        gained = either(beyond(case.after, case.before) for case in changed)
        lost = either(beyond(case.before, case.after) for case in changed)
        touched = (*gained, *lost)
        seen = recorded.between(source.name, destination.name)
        return ConnectionChange(
            source=source.name,
            destination=destination.name,
            kind=_kind(cases, gained, lost),
            before=either(case.before for case in cases),
            after=either(case.after for case in cases),
            gained=gained,
            lost=lost,
            denied=either(beyond(case.before, _unproxied(case.after)) for case in changed),
            partial=len({(case.before, case.after) for case in cases}) > 1,
            because=self._because(changed),
            seen=tuple(edge for edge in seen if covers(touched, edge)),
        )

    def _because(self, changed: Sequence[_Case]) -> tuple[str, ...]:
        """What decides now about a sample of what was gained and of what was lost."""
        found: set[str] = set()
        for case in changed[:1]:
            for spans in (beyond(case.after, case.before), beyond(case.before, case.after)):
                for span in spans[:1]:
                    asked = Connection(
                        source=case.source, destination=case.destination, protocol=span.protocol, port=span.low
                    )
                    found.update(reason_of(self.before.explain(asked), self.after.explain(asked)))
        return tuple(sorted(found))


def _kind(cases: Iterable[_Case], gained: tuple[PortSpan, ...], lost: tuple[PortSpan, ...]) -> ChangeKind:
    cases = list(cases)
    if not any(case.before for case in cases):
        return ChangeKind.ADDED
    if not any(case.after for case in cases):
        return ChangeKind.REMOVED
    if gained and lost:
        return ChangeKind.SHIFTED
    return ChangeKind.WIDENED if gained else ChangeKind.NARROWED


def _unproxied(spans: tuple[PortSpan, ...]) -> tuple[PortSpan, ...]:
    return tuple(replace(span, proxied=False) for span in spans)


def _distinct(end: MapEnd, several: tuple[ClusterPolicies, ...]) -> MapEnd:
    """Without the pods that none of the sets tells from another one."""
    kept: dict[tuple[object, ...], JudgedEndpoint] = {}
    for endpoint in end.endpoints:
        cluster = endpoint.cluster if isinstance(endpoint, PodEndpoint) else ""
        standings = (found.standing(endpoint) for policies in several for found in policies.sets)
        kept.setdefault((cluster, *standings), endpoint)
    return replace(end, endpoints=tuple(kept.values()))


def _telling(changes: list[ConnectionChange]) -> Iterator[ConnectionChange]:
    """Without the changes of narrow outside ends that say the same as the world's."""
    world: defaultdict[tuple[str, str], tuple[object, ...]] = defaultdict(tuple)
    for change in changes:
        if WORLD in {change.source, change.destination}:
            world[change.source, change.destination] = (change.before, change.after)
    for change in changes:
        source, destination = (
            WORLD if name.startswith(("cidr:", "fqdn:")) else name for name in (change.source, change.destination)
        )
        narrow = (source, destination) != (change.source, change.destination)
        if not narrow or world[source, destination] != (change.before, change.after):
            yield change
