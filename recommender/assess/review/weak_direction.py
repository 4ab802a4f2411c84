"""Edges whose client was told from port numbers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.sightings import is_direction_known

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges may point the wrong way (hubble-quirks 2, rung h)?"""
    return {
        edge_id: "which end opened it was inferred from port numbers only"
        for edge_id, edge in context.edges.items()
        if not is_direction_known(edge.evidence)
    }
