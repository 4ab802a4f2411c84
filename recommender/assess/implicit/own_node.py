"""Kubelet probes and other contacts from the pod's own node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.edge import EntityEnd, WorkloadEnd
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge, End, Protocol

_HOST: Final = EntityEnd(entity=Entity.HOST)
_API_SERVER: Final = EntityEnd(entity=Entity.KUBE_APISERVER)


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges come from the pod's own node?

    Cilium lets the local host reach its pods whatever the policies say (docs: "Layer 3 policies", agent option
    `allow-localhost`; hubble-quirks 34). On a control plane's node the host is named after the API server that runs
    there, so its kubelet's probes look like calls of the API server; they are told by the same port being probed by
    the hosts of other nodes. A webhook's calls are not, and keep their rule: its pod may move.
    """
    probed = {_target(edge) for edge in context.edges.values() if edge.client == _HOST}
    return {
        edge_id: "from the pod's own node (probes, exec): passes without a rule"
        for edge_id, edge in context.edges.items()
        if isinstance(edge.server, WorkloadEnd)
        and (edge.client == _HOST or (_is_own_control_plane(edge) and _target(edge) in probed))
    }


def _is_own_control_plane(edge: Edge) -> bool:
    return edge.client == _API_SERVER and edge.evidence.from_own_node == edge.evidence.connections


def _target(edge: Edge) -> tuple[End, Protocol, int]:
    return (edge.server, edge.protocol, edge.port)
