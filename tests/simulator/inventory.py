"""The cluster as `kubectl get … -o json` describes it at the end of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator.cluster import Kind, Workload
from tests.simulator.conversations import service_addresses
from tests.simulator.policy_texts import policy_specs
from tests.simulator.records import SECOND, stamp

if TYPE_CHECKING:
    from tests.simulator.placement import Peer, Placement

KEPT_RUNS = 3


def describe_inventory(placement: Placement) -> dict[str, Any]:
    """One `List` of namespaces, pods, services, workloads and policies, in that order."""
    cluster = placement.cluster
    items = [
        _item("v1", "Namespace", item.name, labels={**dict(item.labels), "kubernetes.io/metadata.name": item.name})
        for item in cluster.namespaces
    ]
    items += [pod for workload in cluster.workloads for pod in _pods(placement, workload)]
    items += _services(placement)
    items += [owner for workload in cluster.workloads for owner in _owners(placement, workload)]
    items += [
        _item(
            "cilium.io/v2",
            policy.kind,
            policy.name,
            namespace="" if policy.kind == "CiliumClusterwideNetworkPolicy" else policy.namespace,
            **({"spec": specs[0]} if len(specs) == 1 else {"specs": specs}),
        )
        for policy in cluster.policies
        if (specs := policy_specs(cluster, policy))
    ]
    return {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}


def _item(
    version: str, kind: str, name: str, *, namespace: str = "", labels: dict[str, str] | None = None, **rest: Any
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = dict(sorted(labels.items()))
    if owner := rest.pop("owner", None):
        metadata["ownerReferences"] = [{"apiVersion": owner[0], "controller": True, "kind": owner[1], "name": owner[2]}]
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def _pods(placement: Placement, workload: Workload) -> list[dict[str, Any]]:
    if workload.host_network:
        return [
            _pod(placement, workload, name=f"{workload.name}-{index}abcd"[:63], node=index, address=address, labels={})
            for index, address in enumerate(placement.node_addresses)
        ]
    pods = placement.pods[workload.key]
    if workload.kind is Kind.CRON_JOB:
        pods = pods[-KEPT_RUNS:]
    else:
        pods = [pod for pod in pods if pod.born <= placement.stop < pod.died]
    return [
        _pod(
            placement,
            workload,
            name=pod.name,
            node=pod.node,
            address=pod.address,
            labels=_extra_labels(workload, pod),
            done=workload.kind is Kind.CRON_JOB,
        )
        for pod in pods
    ]


def _extra_labels(workload: Workload, pod: Peer) -> dict[str, str]:
    labels = dict(pod.labels)
    match workload.kind:
        case Kind.DEPLOYMENT:
            labels["pod-template-hash"] = pod.name.rsplit("-", 2)[1]
        case Kind.STATEFUL_SET:
            labels["statefulset.kubernetes.io/pod-name"] = pod.name
        case Kind.DAEMON_SET:
            labels["controller-revision-hash"] = "6d4b75cb6d"
        case Kind.CRON_JOB:
            labels["batch.kubernetes.io/job-name"] = pod.name.rsplit("-", 1)[0]
        case Kind.POD:
            pass
    return labels


def _owner_of(workload: Workload, name: str) -> tuple[str, str, str] | None:
    match workload.kind:
        case Kind.DEPLOYMENT:
            return ("apps/v1", "ReplicaSet", name.rsplit("-", 1)[0])
        case Kind.STATEFUL_SET | Kind.DAEMON_SET:
            return ("apps/v1", str(workload.kind), workload.name)
        case Kind.CRON_JOB:
            return ("batch/v1", "Job", name.rsplit("-", 1)[0])
        case Kind.POD:
            return None


def _pod(
    placement: Placement,
    workload: Workload,
    *,
    name: str,
    node: int,
    address: str,
    labels: dict[str, str],
    done: bool = False,
) -> dict[str, Any]:
    container: dict[str, Any] = {"name": workload.name, "image": f"registry.example.org/{workload.name}:1"}
    if workload.ports:
        container["ports"] = [
            {"containerPort": port.number, "name": port.name, "protocol": port.protocol} for port in workload.ports
        ]
    if workload.probe_port:
        container["readinessProbe"] = {"httpGet": {"path": "/ready", "port": workload.probe_port}}
    spec: dict[str, Any] = {
        "containers": [container],
        "nodeName": placement.cluster.nodes[node],
        "serviceAccountName": workload.service_account,
    }
    if workload.host_network:
        spec["hostNetwork"] = True
    host = placement.node_addresses[node]
    status = {"hostIP": host, "hostIPs": [{"ip": host}], "phase": "Succeeded" if done else "Running"}
    status |= {"podIP": address, "podIPs": [{"ip": address}]}
    return _item(
        "v1",
        "Pod",
        name,
        namespace=workload.namespace,
        labels=labels or dict(workload.labels),
        owner=_owner_of(workload, name),
        spec=spec,
        status=status,
    )


def _services(placement: Placement) -> list[dict[str, Any]]:
    addresses = service_addresses(placement.cluster)
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    items = []
    for service in placement.cluster.services:
        port = {
            "name": f"{service.protocol.lower()}-{service.port}",
            "port": service.port,
            "protocol": service.protocol,
            "targetPort": _target_port(placement.workloads[service.target], service.target_port),
        }
        key = (service.namespace, service.name)
        if key in grouped:
            grouped[key].append(port)
            continue
        grouped[key] = [port]
        address = addresses.get(service, "None")
        spec = {
            "clusterIP": address,
            "clusterIPs": [address],
            "ports": grouped[key],
            "selector": _selector(placement.workloads[service.target]),
            "type": service.type,
        }
        if service.type != "ClusterIP":
            spec["externalTrafficPolicy"] = "Local" if service.local_traffic_policy else "Cluster"
        items.append(_item("v1", "Service", service.name, namespace=service.namespace, spec=spec))
    return items


def _target_port(workload: Workload, number: int) -> int | str:
    for port in workload.ports:
        if port.number == number:
            return port.name
    return number


def _selector(workload: Workload) -> dict[str, str]:
    volatile = {"version", workload.rollout.label if workload.rollout else ""}
    return {key: value for key, value in sorted(workload.labels) if key not in volatile}


def _owners(placement: Placement, workload: Workload) -> list[dict[str, Any]]:
    labels = dict(workload.labels)
    if workload.rollout:
        labels[workload.rollout.label] = workload.rollout.after
    pod_spec: dict[str, Any] = {"serviceAccountName": workload.service_account}
    if workload.host_network:
        pod_spec["hostNetwork"] = True
    template = {"metadata": {"labels": dict(sorted(labels.items()))}, "spec": pod_spec}
    spec: dict[str, Any] = {"selector": {"matchLabels": _selector(workload)}, "template": template}
    owner = None
    runs: list[dict[str, Any]] = []
    match workload.kind:
        case Kind.POD:
            return []
        case Kind.CRON_JOB:
            cron = workload.cron
            spec = {"jobTemplate": {"spec": {"template": template}}, "schedule": cron.expression if cron else ""}
            owner, version = ("batch/v1", "CronJob", workload.name), "batch/v1"
            runs = [
                _item(
                    "batch/v1",
                    "Job",
                    pod.name.rsplit("-", 1)[0],
                    namespace=workload.namespace,
                    owner=owner,
                    spec={"template": template},
                    status={"startTime": stamp(pod.born // SECOND * SECOND), "succeeded": 1},
                )
                for pod in placement.pods[workload.key][-KEPT_RUNS:]
            ]
        case Kind.DAEMON_SET:
            version = "apps/v1"
        case Kind.DEPLOYMENT | Kind.STATEFUL_SET:
            version = "apps/v1"
            spec["replicas"] = workload.replicas
    return [_item(version, str(workload.kind), workload.name, namespace=workload.namespace, spec=spec), *runs]
