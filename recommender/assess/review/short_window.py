"""Single sightings and bare pods in a window too short to tell rare from ordinary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.ends import is_bare_pod
from recommender.assess.sightings import is_single_sighting

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges would need a longer window to be trusted?"""
    if not context.short_window:
        return {}
    bare = {end for end in context.seen if is_bare_pod(end, context)}
    return {
        edge_id: "window too short to corroborate"
        for edge_id, edge in context.edges.items()
        if is_single_sighting(edge.evidence) or not bare.isdisjoint({edge.client, edge.server})
    }
