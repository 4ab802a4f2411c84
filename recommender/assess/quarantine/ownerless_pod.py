"""Short-lived pods that no controller made: debugging, or an intruder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.context import HOUR
from recommender.assess.ends import is_bare_pod

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext
    from recommender.model.edge import End

_SHORT_LIFE: Final = 2 * HOUR


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges have a bare pod at an end that was seen for less than two hours of a day or more?"""
    if context.short_window:
        return {}
    short_lived = {end for end in context.seen if _short_lived(end, context)}
    return {
        edge_id: "a pod without an owner, seen for less than two hours (a debug pod?)"
        for edge_id, edge in context.edges.items()
        if not short_lived.isdisjoint({edge.client, edge.server})
    }


def _short_lived(end: End, context: EdgeContext) -> bool:
    first, last = context.seen[end]
    return last - first < _SHORT_LIFE and is_bare_pod(end, context)
