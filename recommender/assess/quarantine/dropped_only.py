"""Edges that policies always stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.answers import only_dropped

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges were attempted and never let through? An attempt proves no need (hubble-quirks 22)."""
    return {
        edge_id: "was denied; release it to allow"
        for edge_id, edge in context.edges.items()
        if only_dropped(edge.evidence)
    }
