"""Quarantined edges with their way out, as the report shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.report.view_policies import manifest_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.release import HeldEdge


def held_view(held: Iterable[HeldEdge]) -> list[dict[str, Any]]:
    """Every quarantined edge with the manifests that would allow it alone, sorted by client, server and port."""
    return [
        {
            "edge_id": item.edge_id,
            "edge": item.edge,
            "reason": item.reason,
            "file": item.file,
            "command": item.command,
            "obstacle": item.obstacle,
            "proved": item.allows,
            "opens": sorted(item.opens),
            "manifests": [manifest_view(manifest) for manifest in sorted(item.manifests, key=lambda one: one.policy)],
        }
        for item in sorted(held, key=lambda item: (item.edge, item.edge_id))
    ]
