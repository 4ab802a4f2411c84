"""Long-lived pods that no controller made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.ends import is_bare_pod

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges have a bare pod at an end?"""
    bare = {end for end in context.seen if is_bare_pod(end, context)}
    return {
        edge_id: "one end is a pod without an owner"
        for edge_id, edge in context.edges.items()
        if not bare.isdisjoint({edge.client, edge.server})
    }
