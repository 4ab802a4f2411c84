"""Edges on which nothing listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges met nothing but resets?"""
    return {
        edge_id: "refused every time: nothing listens there"
        for edge_id, edge in context.edges.items()
        if 0 < edge.evidence.connections <= edge.evidence.refused
    }
