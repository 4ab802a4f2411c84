"""Several connections on one occasion in the whole window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.sightings import is_one_occasion

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges were seen within one hour only: the run of a weekly job, or of somebody who found a way in?"""
    if context.short_window:
        return {}
    return {
        edge_id: "seen on one occasion only"
        for edge_id, edge in context.edges.items()
        if is_one_occasion(edge.evidence)
    }
