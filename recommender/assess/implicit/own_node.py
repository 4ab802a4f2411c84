"""Kubelet probes and other contacts from the pod's own node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.edge import EntityEnd, WorkloadEnd
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext

_HOST: Final = EntityEnd(entity=Entity.HOST)


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges come from the pod's own node?

    Cilium lets the local host reach its pods whatever the policies say (docs: "Layer 3 policies", agent option
    `allow-localhost`; hubble-quirks 34).
    """
    return {
        edge_id: "from the pod's own node (probes, exec): passes without a rule"
        for edge_id, edge in context.edges.items()
        if edge.client == _HOST and isinstance(edge.server, WorkloadEnd)
    }
