"""Ports that the containers of seen workloads declare, and those that were asked."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.assess.gaps.asked_pods import pods_by_name
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from recommender.assess.gaps.context import GapContext

    Ports = dict[WorkloadEnd, set[tuple[str, int]]]
    """(protocol, number) by workload."""


def declared_ports(context: GapContext) -> Ports:
    """What the containers of its pods in the inventory declare, and what the ports' names of its labels say."""
    pods = pods_by_name(context.inventory)
    found: Ports = {}
    for end, workload in context.workloads.items():
        known = [pods[end.namespace, name] for name in workload.pods if (end.namespace, name) in pods]
        if known and not workload.host_network:
            named = {(protocol, number) for _, protocol, number in workload.named_ports}
            found[end] = named | {port for pod in known for port in pod.container_ports}
    return found


def asked_ports(context: GapContext) -> Ports:
    """The ports that anybody asked, whatever became of the edge."""
    found: defaultdict[WorkloadEnd, set[tuple[str, int]]] = defaultdict(set)
    for edge in context.edges.values():
        if isinstance(edge.server, WorkloadEnd):
            found[edge.server].add((edge.protocol.value, edge.port))
    return found
