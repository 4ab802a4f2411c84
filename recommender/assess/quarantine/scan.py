"""Scans: one client, many targets in one hour, most of them shut, or far from what it otherwise does."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from recommender.assess.answers import Answer
from recommender.assess.context import HOUR
from recommender.assess.corroboration import REGULAR_HOURS
from recommender.assess.ends import is_bare_pod, is_outside
from recommender.assess.ports import EPHEMERAL_FROM
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recommender.assess.answers import AnswerIndex
    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge, End

    Sighting = tuple[str, Edge]

SCAN: Final = "part of a scan"
"""How every reason of this rule begins."""
MANY_TARGETS: Final = 10
_RARE_HOURS: Final = 2
_FEW_CONNECTIONS: Final = 5
_MOST: Final = 0.5
_BURST: Final = HOUR
_BRIEF: Final = HOUR // 12
_SETTLED: Final = HOUR // 6
"""A contact that began this close to the end of the window may yet become regular."""
_SHUT: Final = frozenset({Answer.REFUSED, Answer.DROPPED, Answer.SILENT})


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges belong to a scan?

    A burst is a client's rare edges (at most two active hours, five connections) that began within one hour. It is a
    scan if it has ten targets or more and most are shut; the same is asked of each server alone (a port scan). It is
    one, too, if an established client or a bare pod touches ten targets inside the cluster briefly that are unlike its
    regular ones; outside addresses change by themselves behind one name and do not count for that. Answered hits
    belong to the scan, the client's regular edges do not; in a window of a few hours, which has no regular edges, only
    what is shut belongs to it.
    """
    index = context.answers
    found: dict[str, str] = {}
    can_be_rare = context.capture.hours > 2 * _RARE_HOURS
    for sightings in context.by_client.values():
        rare = sorted((s for s in sightings if _is_rare(s[1])), key=_by_time)
        if len(rare) < MANY_TARGETS:
            continue
        by_server: defaultdict[End, list[Sighting]] = defaultdict(list)
        for sighting in rare:
            by_server[sighting[1].server].append(sighting)
        brief = [s for s in rare if _is_brief(s[1], context)]
        for part in (rare, *by_server.values()):
            for edge_id in _members(part, _shut_bursts(part, index)):
                if can_be_rare or index.answer(context.edges[edge_id]) in _SHUT:
                    found.setdefault(edge_id, f"{SCAN}: many targets in one hour, most of them shut")
        odd = _unlike_regular(brief, sightings)
        for edge_id in _members(odd, _odd_bursts(odd, context)):
            found.setdefault(edge_id, f"{SCAN}: many brief contacts in one hour, unlike the regular ones")
    return found


def _members(sightings: Sequence[Sighting], bursts: Iterator[tuple[int, int]]) -> Iterator[str]:
    """Ids in the union of bursts, each once; bursts come in the order of their starts."""
    done = 0
    for start, end in bursts:
        yield from (edge_id for edge_id, _ in sightings[max(start, done) : end])
        done = max(done, end)


def _by_time(sighting: Sighting) -> tuple[int, str]:
    return (sighting[1].evidence.first_seen, sighting[0])


def _is_rare(edge: Edge) -> bool:
    return edge.evidence.active_hours <= _RARE_HOURS and edge.evidence.connections <= _FEW_CONNECTIONS


def _is_brief(edge: Edge, context: EdgeContext) -> bool:
    """Touched and left, with time enough to come back; a scraper stays."""
    evidence = edge.evidence
    if evidence.last_seen - evidence.first_seen > _BRIEF:
        return False
    return evidence.first_seen <= context.capture.last_seen - _SETTLED


def _unlike_regular(brief: Sequence[Sighting], sightings: Sequence[Sighting]) -> list[Sighting]:
    """Without the ports on which the client regularly asks several others, dynamic ports, and outside addresses."""
    habits = Counter((e.protocol, e.port) for _, e in sightings if e.evidence.active_hours >= REGULAR_HOURS)
    return [
        sighting
        for sighting in brief
        if habits[sighting[1].protocol, sighting[1].port] < REGULAR_HOURS
        and sighting[1].port < EPHEMERAL_FROM
        and not is_outside(sighting[1].server)
    ]


def _windows(rare: Sequence[Sighting]) -> Iterator[tuple[int, int]]:
    """For every sighting, the slice that begins with it and lasts an hour, if it holds many targets."""
    end = 0
    for start, (_, edge) in enumerate(rare):
        limit = edge.evidence.first_seen + _BURST
        while end < len(rare) and rare[end][1].evidence.first_seen <= limit:
            end += 1
        if end - start >= MANY_TARGETS:
            yield start, end


def _shut_bursts(rare: Sequence[Sighting], index: AnswerIndex) -> Iterator[tuple[int, int]]:
    shut = [0]
    for _, edge in rare:
        shut.append(shut[-1] + (index.answer(edge) in _SHUT))
    for start, end in _windows(rare):
        if shut[end] - shut[start] > _MOST * (end - start):
            yield start, end


def _odd_bursts(brief: Sequence[Sighting], context: EdgeContext) -> Iterator[tuple[int, int]]:
    if context.short_window:
        return
    for start, end in _windows(brief):
        client, began = brief[start][1].client, brief[start][1].evidence.first_seen
        established = context.seen[client][0] <= began - HOUR
        if isinstance(client, WorkloadEnd) and (established or is_bare_pod(client, context)):
            yield start, end
