"""Single sightings that look like rare needs: a weekly job, a restart, a failover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.late_contact import late_on_a_sensitive_port
from recommender.assess.sightings import is_single_sighting

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges were seen once, and what is odd about it, if anything is?"""
    return {
        edge_id: late_on_a_sensitive_port(edge, context) or "seen once"
        for edge_id, edge in context.edges.items()
        if is_single_sighting(edge.evidence)
    }
