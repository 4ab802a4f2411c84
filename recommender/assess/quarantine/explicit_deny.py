"""Edges that an existing deny rule names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges does a deny rule match, by its text or in a flow, even if audit mode let them pass (quirk 18)?"""
    claimed = {
        edge_id: f"an existing deny rule matches it: {', '.join(policies)}"
        for edge_id, policies in context.forbidden.items()
        if edge_id in context.edges
    }
    for edge_id, edge in context.edges.items():
        if edge.evidence.verdicts.explicitly_denied > 0:
            claimed.setdefault(edge_id, "an existing deny rule matches it")
    return claimed
