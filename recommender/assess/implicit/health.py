"""Cilium's own health checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.edge import EntityEnd
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext

_HEALTH: Final = EntityEnd(entity=Entity.HEALTH)


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges have Cilium's health endpoint at either end (hubble-quirks 35)?"""
    return {
        edge_id: "Cilium's own health check: no workload needs it"
        for edge_id, edge in context.edges.items()
        if _HEALTH in {edge.client, edge.server}
    }
