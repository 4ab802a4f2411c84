"""Workloads that went from one namespace to another within the window."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from recommender.assess.context import HOUR
from recommender.assess.gaps.report import make_gap
from recommender.assess.rollout_codes import MOVED
from recommender.assess.wording import counted
from recommender.model.edge import WorkloadEnd
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.assess.gaps.context import GapContext
    from recommender.model.edge import Edge
    from recommender.model.gap import Gap

_OVERLAP: Final = HOUR
"""The new place may begin so long before the old one ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """First and last sighting, nanoseconds since the epoch."""

    first: int
    last: int


def detect(context: GapContext) -> Iterator[Gap]:
    """Which workloads of one kind and name fell silent in a namespace as they began to talk in another?

    Each with what was seen at the old place and not at the new one, in both directions: `HIGH` if anything was. Copies
    that live side by side (environments, tenants) overlap in time and are not moved.
    """
    lives = _lives(context)
    places: defaultdict[tuple[str, str, str], list[WorkloadEnd]] = defaultdict(list)
    for end in lives:
        if end.kind not in {"Pod", "LabelSet"}:
            places[end.cluster, end.kind, end.name].append(end)
    for _, ends in sorted(places.items()):
        ordered = sorted(ends, key=lambda end: (lives[end].first, end))
        for old, new in pairwise(ordered):
            if lives[old].last <= lives[new].first + _OVERLAP:
                yield _gap(old, new, context)


def _gap(old: WorkloadEnd, new: WorkloadEnd, context: GapContext) -> Gap:
    moved = {_moved(edge, old, new).key for edge in context.allowed() if old in {edge.client, edge.server}}
    missing = sorted(moved - {edge.key for edge in context.edges.values()})
    lost = f"; {counted(len(missing), 'edge')} of the old place not seen at the new one" if missing else ""
    return make_gap(
        MOVED,
        subject=f"{old} -> {new.namespace}",
        reason=f"silent in {old.namespace} from when it talked in {new.namespace}{lost}",
        severity=Severity.HIGH if missing else Severity.LOW,
        count=max(1, len(missing)),
        examples=missing,
        facts=missing,
    )


def _moved(edge: Edge, old: WorkloadEnd, new: WorkloadEnd) -> Edge:
    """The edge as it would be at the new place."""
    client, server = (new if end == old else end for end in (edge.client, edge.server))
    return replace(edge, client=client, server=server)


def _lives(context: GapContext) -> Mapping[WorkloadEnd, Life]:
    """When each workload was first and last seen on any edge that is allowed."""
    lives: dict[WorkloadEnd, Life] = {}
    for edge in context.allowed():
        for end in (edge.client, edge.server):
            if isinstance(end, WorkloadEnd):
                life = lives.get(end, Life(first=edge.evidence.first_seen, last=edge.evidence.last_seen))
                first, last = min(life.first, edge.evidence.first_seen), max(life.last, edge.evidence.last_seen)
                lives[end] = Life(first=first, last=last)
    return lives
