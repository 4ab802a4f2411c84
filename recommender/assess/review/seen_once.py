"""Single sightings without anything suspicious: a weekly job, a restart, a failover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.sightings import is_single_sighting

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges were seen once?"""
    return {edge_id: "seen once" for edge_id, edge in context.edges.items() if is_single_sighting(edge.evidence)}
