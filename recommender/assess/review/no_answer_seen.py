"""Edges on which no answer was recorded, without proof that there was none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.answers import Answer, traced
from recommender.model.edge import Protocol

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges were traced in a capture with replies, and show none of their own?"""
    if not context.capture.reply_flows:
        return {}
    return {
        edge_id: "one-way UDP" if edge.protocol is Protocol.UDP else "no answer recorded"
        for edge_id, edge in context.edges.items()
        if traced(edge.evidence) and context.answers.answer(edge) in {Answer.SILENT, Answer.UNKNOWN}
    }
