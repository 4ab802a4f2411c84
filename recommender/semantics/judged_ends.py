"""Ends of an edge as endpoints: one for every label set or address that the end was seen with."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, assert_never

from recommender.model.connection import AddressEndpoint, EntityEndpoint, JudgedEndpoint, PodEndpoint
from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd, WorkloadEnd
from recommender.model.entity import Entity
from recommender.semantics.cluster_policies import DEFAULT_CLUSTER, cluster_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.edge import Edge, End, Workload
    from recommender.model.labels import LabelSet

_SOME_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - not bound to: stands for an address outside that nobody wrote down


def pods_of(workload: Workload) -> tuple[JudgedEndpoint, ...]:
    """A workload's pods, one for every label set that it was seen with."""
    return _pods(workload.end, "client", workload)


def clients_of(edge: Edge, workloads: Mapping[WorkloadEnd, Workload]) -> tuple[JudgedEndpoint, ...]:
    """The endpoints that an edge's client stands for; empty if none of its addresses can be read.

    A control plane's node is named after its API server; to the pods on it, it is their own host.
    """
    own_node = edge.evidence.from_own_node == edge.evidence.connections
    if edge.client == EntityEnd(entity=Entity.KUBE_APISERVER) and own_node:
        return (EntityEndpoint(entity=Entity.HOST),)
    return _endpoints(edge.client, "client", edge.evidence.client_addresses, (), workloads)


def servers_of(edge: Edge, workloads: Mapping[WorkloadEnd, Workload]) -> tuple[JudgedEndpoint, ...]:
    """The endpoints that an edge's server stands for; empty if none of its addresses can be read."""
    return _endpoints(edge.server, "server", edge.evidence.server_addresses, edge.evidence.names, workloads)


def _endpoints(
    end: End, role: str, addresses: tuple[str, ...], names: tuple[str, ...], workloads: Mapping[WorkloadEnd, Workload]
) -> tuple[JudgedEndpoint, ...]:
    match end:
        case WorkloadEnd():
            return _pods(end, role, workloads.get(end))
        case EntityEnd(entity=Entity.WORLD):
            return _outside(addresses or (_SOME_ADDRESS,), ())
        case EntityEnd(entity=entity):
            return (EntityEndpoint(entity=entity),)
        case FqdnEnd(name=name):
            return _outside(addresses or (_SOME_ADDRESS,), (name, *names))
        case AddressEnd(address=address):
            return _outside((address,), ())
        case _:
            assert_never(end)


def _pods(end: WorkloadEnd, role: str, workload: Workload | None) -> tuple[JudgedEndpoint, ...]:
    """Client and server get different names: two replicas talk to each other, not one pod to itself."""
    name = f"{end.kind}/{end.name}/{role}"
    if workload is None:
        return (PodEndpoint(namespace=end.namespace, name=name, labels=(), cluster=end.cluster or DEFAULT_CLUSTER),)
    named = [labels for labels in workload.label_sets if labels.namespace]
    if workload.host_network and not named:
        return (EntityEndpoint(entity=Entity.REMOTE_NODE),)
    return tuple(_pod(workload, labels, name) for labels in workload.label_sets) or _pods(end, role, None)


def _pod(workload: Workload, labels: LabelSet, name: str) -> PodEndpoint:
    return PodEndpoint(
        namespace=labels.namespace or workload.end.namespace,
        name=name,
        labels=tuple(sorted(labels.pod_labels.items())),
        service_account=labels.service_account or "default",
        cluster=cluster_of(workload, labels),
        named_ports=workload.named_ports,
    )


def _outside(addresses: Iterable[str], names: tuple[str, ...]) -> tuple[JudgedEndpoint, ...]:
    return tuple(AddressEndpoint(address=address, names=names) for address in addresses if _is_address(address))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
