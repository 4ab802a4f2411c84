"""Edges that policies always stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.answers import only_dropped

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext

REASON: Final = "was denied; release it to allow"


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges were attempted and never let through? An attempt proves no need (hubble-quirks 22)."""
    return {edge_id: REASON for edge_id, edge in context.edges.items() if only_dropped(edge.evidence)}
