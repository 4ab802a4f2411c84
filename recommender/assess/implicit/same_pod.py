"""A pod that talks to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges stay inside one pod?

    Only a workload with a single known pod qualifies: between replicas a policy does decide (hubble-quirks 46), and a
    pod's way back to itself through its own service is exempt in Cilium (hubble-quirks 47).
    """
    return {
        edge_id: "a pod to itself: passes without a rule"
        for edge_id, edge in context.edges.items()
        if edge.client == edge.server and _single_pod(edge, context)
    }


def _single_pod(edge: Edge, context: EdgeContext) -> bool:
    workload = context.workload(edge.client)
    return workload is not None and len(workload.pods) == 1
