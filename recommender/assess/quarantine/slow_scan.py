"""Slow scans: one client, many targets touched once each over the window, shut, used by nobody, or never again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from recommender.assess.answers import Answer
from recommender.assess.context import HOUR
from recommender.assess.corroboration import REGULAR_HOURS
from recommender.assess.ends import JOB_KINDS, is_outside
from recommender.assess.ports import EPHEMERAL_FROM
from recommender.assess.quarantine import scan
from recommender.assess.quarantine.scan import MANY_TARGETS, SCAN
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge, End, Protocol

    Sighting = tuple[str, Edge]
    Target = tuple[End, Protocol, int]

_SHUT: Final = frozenset({Answer.REFUSED, Answer.DROPPED, Answer.SILENT})
_MOST: Final = 2 / 3
"""Stricter than for a burst: the targets share nothing in time, so their being shut must speak for itself."""
_RETURNED: Final = 2
"""Active hours of a target that the client came back to."""
_ONCE_TO_TWICE: Final = 10
"""Targets met once for each met twice: by Chao's estimate, at least five times as many as were met are still unmet."""
_SEVERAL_PORTS: Final = 3
"""A new scraper, too, touches many servers that nobody else asks, but on one port, or on one for metrics and one for
health."""


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges belong to a scan that took its time?

    A client's targets inside the cluster that it touched in one active hour and once or twice only; with ten or more
    of them, and two thirds shut, all of them are the scan's, the answered hits too. Where the capture could not have
    shown an answer, a port that nobody else ever used stands for a shut one, if there are several different ones.
    Whatever the answers, ten or more on several ports, in as many hours, to hardly any of which the client came back,
    are a list that somebody works through (`_is_list`). Contacts of a burst are no evidence here: they are that
    scan's. A window under a day cannot tell a touch from a beginning.
    """
    found: dict[str, str] = {}
    if context.short_window:
        return found
    of_bursts = context.once(scan.claim)
    used = {_target(edge) for edge in context.edges.values() if not _is_touch(edge)}
    for sightings in context.by_client.values():
        touched = [(edge_id, edge) for edge_id, edge in sightings if _is_touch(edge) and edge_id not in of_bursts]
        if len(touched) < MANY_TARGETS:
            continue
        if reason := _reason(touched, used, context):
            found |= dict.fromkeys((edge_id for edge_id, _ in touched), reason)
        elif listed := _list(touched, sightings):
            reason = f"{SCAN}: {len(listed)} targets on several ports touched once each and never again"
            found |= dict.fromkeys(listed, reason)
    return found


def _list(touched: Sequence[Sighting], sightings: Sequence[Sighting]) -> list[str]:
    """The ids of a list that is worked through, or nothing.

    Whoever has many rare needs comes back to some of them: with as many targets met once as here and hardly any met
    twice, the estimate of all that there are (Chao 1984: `once^2 / (2 twice)`) is many times what was met, which no
    pod needs. Drawing without ever drawing again is how a list is worked through. Jobs do that by nature.
    """
    client = touched[0][1].client
    if isinstance(client, WorkloadEnd) and client.kind in JOB_KINDS:
        return []
    habits = Counter((e.protocol, e.port) for _, e in sightings if e.evidence.active_hours >= REGULAR_HOURS)
    once = [sighting for sighting in touched if _is_chosen(sighting[1], habits)]
    twice = sum(e.evidence.active_hours == _RETURNED for _, e in sightings if _is_chosen(e, habits))
    hours = {edge.evidence.first_seen // HOUR for _, edge in once}
    ports = {edge.port for _, edge in once}
    spread = min(len(once), len(hours)) >= MANY_TARGETS and len(ports) >= _SEVERAL_PORTS
    return [edge_id for edge_id, _ in once] if spread and _ONCE_TO_TWICE * twice <= len(once) else []


def _is_chosen(edge: Edge, habits: Mapping[tuple[Protocol, int], int]) -> bool:
    """Whether the client had a choice: on a port that it asks of everybody, or a handed-out one, it had none."""
    common = habits[edge.protocol, edge.port] >= REGULAR_HOURS
    return not common and edge.port < EPHEMERAL_FROM and not is_outside(edge.server)


def _reason(touched: Sequence[Sighting], used: AbstractSet[Target], context: EdgeContext) -> str:
    """Why these touches are a scan by what their targets are, or the empty text."""
    shut = sum(context.answers.answer(edge) in _SHUT for _, edge in touched)
    if shut >= _MOST * len(touched):
        return f"{SCAN}: {len(touched)} targets touched once each, {shut} of them shut"
    unused = [edge for _, edge in touched if _is_unused(edge, used, context)]
    if shut + len(unused) >= _MOST * len(touched) and len({edge.port for edge in unused}) >= _SEVERAL_PORTS:
        return f"{SCAN}: {len(touched)} targets touched once each, {shut + len(unused)} of them shut or used by nobody"
    return ""


def _is_touch(edge: Edge) -> bool:
    return edge.evidence.active_hours == 1 and edge.evidence.connections <= 2 and not is_outside(edge.server)  # noqa: PLR2004 - a SYN and its late retry


def _is_unused(edge: Edge, used: AbstractSet[Target], context: EdgeContext) -> bool:
    """Whether no answer could have been seen, and nobody uses the port; dynamic ports are new each time by nature."""
    blind = context.answers.answer(edge) is Answer.UNKNOWN
    return blind and edge.protocol.has_ports and edge.port < EPHEMERAL_FROM and _target(edge) not in used


def _target(edge: Edge) -> Target:
    return (edge.server, edge.protocol, edge.port)
