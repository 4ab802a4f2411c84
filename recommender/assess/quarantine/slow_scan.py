"""Slow scans: one client, many targets touched once each over the window, most of them shut or used by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.answers import Answer
from recommender.assess.ends import is_outside
from recommender.assess.ports import EPHEMERAL_FROM
from recommender.assess.quarantine.scan import MANY_TARGETS, SCAN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge, End, Protocol

    Sighting = tuple[str, Edge]
    Target = tuple[End, Protocol, int]

_SHUT: Final = frozenset({Answer.REFUSED, Answer.DROPPED, Answer.SILENT})
_MOST: Final = 2 / 3
"""Stricter than for a burst: the targets share nothing in time, so their being shut must speak for itself."""
_SEVERAL_PORTS: Final = 3
"""A new scraper, too, touches many servers that nobody else asks, but on one port, or on one for metrics and one for
health."""


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges belong to a scan that took its time?

    A client's targets inside the cluster that it touched in one active hour and once or twice only; with ten or more
    of them, and two thirds shut, all of them are the scan's, the answered hits too. Where the capture could not have
    shown an answer, a port that nobody else ever used stands for a shut one, if there are several different ones. A
    window under a day cannot tell a touch from a beginning.
    """
    found: dict[str, str] = {}
    if context.short_window:
        return found
    used = {_target(edge) for edge in context.edges.values() if not _is_touch(edge)}
    for sightings in context.by_client.values():
        touched = [(edge_id, edge) for edge_id, edge in sightings if _is_touch(edge)]
        if len(touched) >= MANY_TARGETS and (reason := _reason(touched, used, context)):
            found |= dict.fromkeys((edge_id for edge_id, _ in touched), reason)
    return found


def _reason(touched: Sequence[Sighting], used: AbstractSet[Target], context: EdgeContext) -> str:
    """Why these touches are a scan, or the empty text."""
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
