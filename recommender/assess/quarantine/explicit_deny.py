"""Edges that an existing deny rule names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges did a deny rule match, even if audit mode let them pass (hubble-quirks 18)?"""
    return {
        edge_id: "an existing deny rule matches it"
        for edge_id, edge in context.edges.items()
        if edge.evidence.verdicts.explicitly_denied > 0
    }
