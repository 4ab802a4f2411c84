"""Baselines that stand in files of their own, as the report shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.report.view_decisions import standing_view
from recommender.report.view_policies import manifest_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.decision import Followed
    from recommender.model.shared_baseline import SharedBaseline


def baselines_view(baselines: Iterable[SharedBaseline], followed: Followed) -> list[dict[str, Any]]:
    """Every shared baseline with whom it covers and the edges that it rests on, sorted by cluster and kind."""
    return [
        {
            "kind": baseline.kind.value,
            "cluster": baseline.cluster,
            "name": baseline.name,
            "clients": list(baseline.clients),
            "servers": list(baseline.servers),
            "edges": list(baseline.edges),
            "manifest": manifest_view(baseline.manifest),
            **standing_view(followed, baseline.item),
        }
        for baseline in sorted(baselines, key=lambda item: (item.cluster, item.kind))
    ]
