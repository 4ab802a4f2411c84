"""Slow scans: one client, many targets touched once each over the window, most of them shut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.answers import Answer
from recommender.assess.ends import is_outside
from recommender.assess.quarantine.scan import MANY_TARGETS, SCAN

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge

_SHUT: Final = frozenset({Answer.REFUSED, Answer.DROPPED, Answer.SILENT})
_MOST: Final = 2 / 3
"""Stricter than for a burst: the targets share nothing in time, so their being shut must speak for itself."""


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges belong to a scan that took its time?

    A client's targets inside the cluster that it touched in one active hour and once or twice only; with ten or more
    of them, and two thirds shut, all of them are the scan's, the answered hits too. A window under a
    day cannot tell a touch from a beginning.
    """
    found: dict[str, str] = {}
    if context.short_window:
        return found
    for sightings in context.by_client.values():
        touched = [(edge_id, edge) for edge_id, edge in sightings if _is_touch(edge)]
        shut = sum(context.answers.answer(edge) in _SHUT for _, edge in touched)
        if len(touched) >= MANY_TARGETS and shut >= _MOST * len(touched):
            reason = f"{SCAN}: {len(touched)} targets touched once each, {shut} of them shut"
            found |= dict.fromkeys((edge_id for edge_id, _ in touched), reason)
    return found


def _is_touch(edge: Edge) -> bool:
    return edge.evidence.active_hours == 1 and edge.evidence.connections <= 2 and not is_outside(edge.server)  # noqa: PLR2004 - a SYN and its late retry
