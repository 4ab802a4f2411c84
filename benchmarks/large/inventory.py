"""The same cluster as `kubectl get … -o json` would print it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.large.places import node_count, pod_address, pod_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.large.topology import Topology, Workload


def describe(topology: Topology) -> dict[str, Any]:
    """One `List` of namespaces, workloads, pods and services."""
    return {"apiVersion": "v1", "kind": "List", "items": list(_items(topology))}


def _items(topology: Topology) -> Iterator[dict[str, Any]]:
    nodes, number = node_count(topology), 0
    for name in sorted({workload.namespace for workload in topology.workloads}):
        labels = {"kubernetes.io/metadata.name": name}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    for index, workload in enumerate(topology.workloads):
        yield _owner(workload)
        if workload.port:
            yield _service(workload, f"172.20.{index >> 8}.{index & 255}")
        for name in pod_names(workload):
            yield _pod(workload, name, address=pod_address(number), node=f"node-{number % nodes:03}")
            number += 1


def _metadata(workload: Workload, name: str, **rest: Any) -> dict[str, Any]:
    return {"name": name, "namespace": workload.namespace, **rest}


def _owner(workload: Workload) -> dict[str, Any]:
    labels = dict(workload.labels)
    template = {"metadata": {"labels": labels}, "spec": {"serviceAccountName": workload.account}}
    spec: dict[str, Any] = {"selector": {"matchLabels": labels}, "template": template}
    if workload.kind == "CronJob":
        spec = {"schedule": "17 * * * *", "jobTemplate": {"spec": {"template": template}}}
    elif workload.kind != "DaemonSet":
        spec["replicas"] = workload.replicas
    version = "batch/v1" if workload.kind == "CronJob" else "apps/v1"
    return {"apiVersion": version, "kind": workload.kind, "metadata": _metadata(workload, workload.name), "spec": spec}


def _service(workload: Workload, address: str) -> dict[str, Any]:
    ports = [{"name": "main", "port": workload.port, "protocol": "TCP", "targetPort": workload.port}]
    spec = {"clusterIP": address, "clusterIPs": [address], "ports": ports, "selector": dict(workload.labels)}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(workload, workload.name), "spec": spec}


def _pod(workload: Workload, name: str, *, address: str, node: str) -> dict[str, Any]:
    kind, owner = workload.kind, workload.name
    if kind in {"Deployment", "CronJob"}:
        kind, owner = ("ReplicaSet" if kind == "Deployment" else "Job"), name.rpartition("-")[0]
    reference = {"apiVersion": "apps/v1", "controller": True, "kind": kind, "name": owner}
    container: dict[str, Any] = {"name": "main", "image": f"registry.example.org/{workload.name}:1"}
    if workload.port:
        container["ports"] = [{"containerPort": workload.port, "name": "main", "protocol": "TCP"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _metadata(workload, name, labels=dict(workload.labels), ownerReferences=[reference]),
        "spec": {"containers": [container], "nodeName": node, "serviceAccountName": workload.account},
        "status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]},
    }
