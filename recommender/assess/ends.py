"""Questions about one end of an edge: outside the cluster, a bare pod, a metadata service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.special_addresses import METADATA_NAMES, is_metadata

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge, End

JOB_KINDS: Final = frozenset({"Job", "CronJob"})
_UNOWNED_KINDS: Final = frozenset({"Pod", "LabelSet"})

_GENERATED_NAME: Final = re.compile(r"-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d+)$")
"""What controllers append: five letters of Kubernetes' safe alphabet (`k8s.io/apimachinery` rand), or an ordinal."""


def is_outside(end: End) -> bool:
    """Whether the end lies outside the cluster."""
    match end:
        case AddressEnd() | FqdnEnd():
            return True
        case EntityEnd(entity=entity):
            return entity in {Entity.WORLD, Entity.ALL}
        case WorkloadEnd():
            return False
        case _:
            assert_never(end)


def is_metadata_service(edge: Edge) -> bool:
    """Whether the server is a cloud's instance metadata service (hubble-quirks 43)."""
    match edge.server:
        case AddressEnd(address=address):
            return is_metadata(address, edge.port)
        case FqdnEnd(name=name):
            return name in METADATA_NAMES or _has_metadata_address(edge)
        case EntityEnd():
            return _has_metadata_address(edge)
        case WorkloadEnd():
            return False
        case _:
            assert_never(edge.server)


def _has_metadata_address(edge: Edge) -> bool:
    return any(is_metadata(address, edge.port) for address in edge.evidence.server_addresses)


def is_owned(end: End) -> bool:
    """Whether the end is a workload with a controller, such as a Deployment or a CronJob."""
    return isinstance(end, WorkloadEnd) and end.kind not in _UNOWNED_KINDS


def is_bare_pod(end: End, context: EdgeContext) -> bool:
    """Whether the end is a pod that no controller made, such as one of `kubectl run` or `kubectl debug`.

    A label set without a known owner counts only if its single pod has a name that no controller would give.
    Static pods of kube-system (named after their node) do not count.
    """
    if not isinstance(end, WorkloadEnd) or end.kind not in _UNOWNED_KINDS:
        return False
    pods = _pod_names(end, context)
    if len(pods) != 1 or (end.kind == "LabelSet" and _GENERATED_NAME.search(pods[0])):
        return False
    return not _is_static(end, pods[0], context) and (end.namespace, pods[0]) not in context.owned_pods


def _pod_names(end: WorkloadEnd, context: EdgeContext) -> tuple[str, ...]:
    if end.kind == "Pod":
        return (end.name,)
    workload = context.workload(end)
    return workload.pods if workload else ()


def _is_static(end: WorkloadEnd, pod: str, context: EdgeContext) -> bool:
    if end.namespace != "kube-system":
        return False
    workload = context.workload(end)
    own = {node.rpartition("/")[2] for node in workload.nodes} - {""} if workload else set()
    return any(pod.endswith(f"-{node}") for node in context.nodes | own)
