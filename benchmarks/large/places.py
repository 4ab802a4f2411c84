"""Where a cluster's pods run and how Hubble names them and the outside parties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa

from benchmarks.large.topology import NODE, Outside, Workload
from recommender.ingest.endpoints import EndpointTable

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.large.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """All pods and outside parties; the arrays have one item a place."""

    local: npt.NDArray[np.uint64]
    """Endpoint id on the own node."""
    remote: npt.NDArray[np.uint64]
    """Endpoint id on every other node."""
    node: npt.NDArray[np.int64]
    addresses: pa.Array
    nodes: pa.Array
    first: npt.NDArray[np.int64]
    """By party: its first place."""
    count: npt.NDArray[np.int64]
    """By party: how many places it has."""
    is_pod: npt.NDArray[np.bool_]
    """By party."""
    endpoints: pa.RecordBatch
    label_sets: pa.RecordBatch


def pod_names(workload: Workload) -> list[str]:
    """Names of its pods as its controller gives them."""
    match workload.kind:
        case "StatefulSet":
            return [f"{workload.name}-{index}" for index in range(workload.replicas)]
        case "CronJob":
            return [f"{workload.name}-28900000-abcde"]
        case "DaemonSet":
            return [f"{workload.name}-x{index}def" for index in range(workload.replicas)]
        case _:
            return [f"{workload.name}-5d8f7c9b4-x{index}def" for index in range(workload.replicas)]


def pod_address(number: int) -> str:
    """The address of the pod of this number."""
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def node_count(topology: Topology) -> int:
    """One node for fifty workloads, three at least."""
    return max(3, len(topology.workloads) // 50)


def settle(topology: Topology) -> Places:
    """Give every pod a node and an address, and every place its endpoints."""
    table = EndpointTable()
    nodes = node_count(topology)
    local, remote, at, addresses, first, count = [], [], [], [], [], []
    for party in topology.parties:
        first.append(len(local))
        for here, there, address in _objects(party, len(local)):
            local.append(table.id_of(msgspec.json.encode(here), "source"))
            remote.append(table.id_of(msgspec.json.encode(there), "source"))
            at.append(len(at) % nodes)
            addresses.append(address)
        count.append(len(local) - first[-1])
    endpoints, label_sets = table.take()
    return Places(
        local=np.array(local, np.uint64),
        remote=np.array(remote, np.uint64),
        node=np.array(at, np.int64),
        addresses=pa.array(addresses, pa.string()),
        nodes=pa.array([f"node-{index:03}" for index in range(nodes)], pa.string()),
        first=np.array(first, np.int64),
        count=np.array(count, np.int64),
        is_pod=np.array([isinstance(party, Workload) for party in topology.parties], bool),
        endpoints=endpoints,
        label_sets=label_sets,
    )


def _objects(party: Workload | Outside, number: int) -> list[tuple[dict[str, object], dict[str, object], str]]:
    """By place: the endpoint as its own node and as others show it, and its address."""
    if isinstance(party, Outside):
        shown: dict[str, object] = {"identity": party.identity, "labels": list(party.labels)}
        return [({"ID": 1, **shown} if party is NODE else shown, shown, party.address)]
    labels = [
        f"k8s:io.kubernetes.pod.namespace={party.namespace}",
        f"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name={party.namespace}",
        f"k8s:io.cilium.k8s.policy.serviceaccount={party.account}",
        "k8s:io.cilium.k8s.policy.cluster=default",
        *(f"k8s:{key}={value}" for key, value in party.labels),
    ]
    found = []
    for offset, name in enumerate(pod_names(party)):
        far = {"identity": 50_000 + number, "namespace": party.namespace, "labels": labels, "pod_name": name}
        near = {"ID": 1000 + offset, **far, "workloads": [{"name": party.name, "kind": party.kind}]}
        found.append((near, far, pod_address(number + offset)))
    return found
