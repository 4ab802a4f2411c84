"""Single Kubernetes objects, as `kubectl -o json` prints them, in the words of the inventory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from recommender.model.inventory import (
    InventoryPod,
    InventoryPolicy,
    InventoryScaler,
    InventoryService,
    InventoryWorkload,
    ServicePort,
)

ObjectKey = tuple[str, str, str]
"""Kind, namespace and name."""
Objects = dict[ObjectKey, dict[str, Any]]
Pairs = tuple[tuple[str, str], ...]

_FINISHED: Final = frozenset({"Succeeded", "Failed"})
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_OWNED_BY: Final = {"ReplicaSet": "Deployment", "Job": "CronJob"}


def mapping(item: dict[str, Any], *path: str) -> dict[str, Any]:
    """The object at this path; empty if it or one above it is missing or null.

    Raises:
        TypeError: if something else stands there.
    """
    value: Any = item
    for key in path:
        value = value.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise TypeError(f"`{'.'.join(path)}` is no object")
    found: dict[str, Any] = value
    return found


def elements(item: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of objects under this key; empty if it is missing or null.

    Raises:
        TypeError: if something else stands there.
    """
    value = item.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(element, dict) for element in value):
        raise TypeError(f"`{key}` is no list of objects")
    return value


def text(item: dict[str, Any], key: str) -> str:
    """The text under this key; empty if it is missing or null.

    Raises:
        TypeError: if something else stands there.
    """
    value = item.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"`{key}` is no text")
    return value


def number(item: dict[str, Any], key: str) -> int | None:
    """The whole number under this key; None if it is missing or null.

    Raises:
        TypeError: if something else stands there.
    """
    value = item.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"`{key}` is no whole number")
    return value


def pairs(item: dict[str, Any], key: str) -> Pairs:
    """The texts by name under this key, sorted.

    Raises:
        TypeError: if something else stands there.
    """
    found = mapping(item, key)
    if not all(isinstance(name, str) and isinstance(value, str) for name, value in found.items()):
        raise TypeError(f"`{key}` holds something else than texts")
    return tuple(sorted(found.items()))


def read_pod(item: dict[str, Any], objects: Objects) -> InventoryPod:
    """A pod with its top owner, as far as the other objects tell it; a finished pod has no addresses any more."""
    metadata, spec, status = mapping(item, "metadata"), mapping(item, "spec"), mapping(item, "status")
    addresses = {text(entry, "ip") for entry in elements(status, "podIPs")} | {text(status, "podIP")}
    finished = text(status, "phase") in _FINISHED
    containers = [*elements(spec, "containers"), *elements(spec, "initContainers")]
    ports = [port for container in containers for port in elements(container, "ports")]
    declared = {(text(port, "name"), text(port, "protocol") or "TCP", number(port, "containerPort")) for port in ports}
    owner_kind, owner_name = _top_owner(metadata, objects)
    return InventoryPod(
        namespace=text(metadata, "namespace"),
        name=text(metadata, "name"),
        labels=pairs(metadata, "labels"),
        service_account=text(spec, "serviceAccountName") or "default",
        owner_kind=owner_kind,
        owner_name=owner_name,
        addresses=() if finished else tuple(sorted(addresses - {""})),
        node=text(spec, "nodeName"),
        host_network=spec.get("hostNetwork") is True,
        named_ports=tuple(sorted((name, protocol, port) for name, protocol, port in declared if name and port)),
        container_ports=tuple(sorted({(protocol, port) for _, protocol, port in declared if port})),
        started=moment(status.get("startTime")),
    )


def moment(value: Any) -> int:
    """A Kubernetes time (RFC 3339; YAML readers make a date of it) in nanoseconds since the epoch; 0 if it is none."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return int(found.replace(tzinfo=found.tzinfo or UTC).timestamp()) * 1_000_000_000
    except (ValueError, OverflowError):
        return 0


def read_service(item: dict[str, Any]) -> InventoryService:
    """A service; a headless one has no cluster addresses."""
    metadata, spec = mapping(item, "metadata"), mapping(item, "spec")
    listed = spec.get("clusterIPs") or [spec.get("clusterIP")]
    if not isinstance(listed, list):
        raise TypeError("`clusterIPs` is no list")
    return InventoryService(
        namespace=text(metadata, "namespace"),
        name=text(metadata, "name"),
        labels=pairs(metadata, "labels"),
        selector=pairs(spec, "selector"),
        cluster_ips=tuple(sorted({str(address) for address in listed if address and address != "None"})),
        ports=tuple(_service_port(port) for port in elements(spec, "ports")),
        type=text(spec, "type") or "ClusterIP",
    )


def read_workload(item: dict[str, Any]) -> InventoryWorkload:
    """A Deployment, StatefulSet, DaemonSet, Job or CronJob; replicas of a DaemonSet are the pods that it wants."""
    kind, metadata, spec = item["kind"], mapping(item, "metadata"), mapping(item, "spec")
    template = mapping(spec, "jobTemplate", "spec", "template") if kind == "CronJob" else mapping(spec, "template")
    pod = mapping(template, "spec")
    replicas = (
        number(mapping(item, "status"), "desiredNumberScheduled") if kind == "DaemonSet" else number(spec, "replicas")
    )
    return InventoryWorkload(
        namespace=text(metadata, "namespace"),
        kind=kind,
        name=text(metadata, "name"),
        template_labels=pairs(mapping(template, "metadata"), "labels"),
        service_account=text(pod, "serviceAccountName") or "default",
        replicas=replicas,
        schedule=text(spec, "schedule"),
        time_zone=text(spec, "timeZone"),
        suspended=spec.get("suspend") is True,
        host_network=pod.get("hostNetwork") is True,
    )


def read_scaler(item: dict[str, Any]) -> InventoryScaler:
    """A HorizontalPodAutoscaler."""
    metadata, spec = mapping(item, "metadata"), mapping(item, "spec")
    target = mapping(spec, "scaleTargetRef")
    return InventoryScaler(
        namespace=text(metadata, "namespace"),
        name=text(metadata, "name"),
        target_kind=text(target, "kind"),
        target_name=text(target, "name"),
        most=number(spec, "maxReplicas") or 0,
    )


def read_policy(item: dict[str, Any]) -> InventoryPolicy:
    """A policy that exists already, without what the API server added; whether it makes sense is judged elsewhere."""
    metadata = mapping(item, "metadata")
    kept: dict[str, Any] = {key: item[key] for key in ("apiVersion", "kind", "spec", "specs") if key in item}
    kept["metadata"] = {key: metadata[key] for key in ("name", "namespace", "labels", "annotations") if key in metadata}
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        kept["metadata"]["annotations"] = {key: annotations[key] for key in annotations if key != _LAST_APPLIED}
    return InventoryPolicy(
        kind=item["kind"],
        namespace=text(metadata, "namespace"),
        name=text(metadata, "name"),
        document=canonical(kept).decode(),
    )


def canonical(item: Any) -> bytes:
    """JSON with sorted keys; what JSON does not know (a YAML date) as text."""
    return msgspec.json.encode(item, order="deterministic", enc_hook=str)


def read_node_addresses(item: dict[str, Any]) -> tuple[str, ...]:
    """Addresses of a node: its own, and the one that Cilium gave it in the pod range (source of SNATed traffic)."""
    own = (
        text(entry, "address")
        for entry in elements(mapping(item, "status"), "addresses")
        if text(entry, "type") in {"InternalIP", "ExternalIP"}
    )
    cilium = (value for key, value in pairs(mapping(item, "metadata"), "annotations") if key.endswith("cilium-host"))
    return tuple(address for address in (*own, *cilium) if address)


def controller_of(metadata: dict[str, Any]) -> tuple[str, str]:
    """Kind and name of the controlling owner; two empty texts if there is none."""
    references = elements(metadata, "ownerReferences")
    controllers = [reference for reference in references if reference.get("controller") is True] or references
    return (text(controllers[0], "kind"), text(controllers[0], "name")) if controllers else ("", "")


def _top_owner(metadata: dict[str, Any], objects: Objects) -> tuple[str, str]:
    """The owner's owner where there is one: ReplicaSet to Deployment, Job to CronJob.

    Without the ReplicaSet the pod's template hash tells its Deployment; a node owns static pods only in name.
    """
    kind, name = controller_of(metadata)
    if kind == "Node":
        return "", ""
    if kind not in _OWNED_BY:
        return kind, name
    owner = objects.get((kind, text(metadata, "namespace"), name))
    if owner is not None:
        upper = controller_of(mapping(owner, "metadata"))
        return upper if upper[0] == _OWNED_BY[kind] else (kind, name)
    template_hash = dict(pairs(metadata, "labels")).get("pod-template-hash", "")
    if kind == "ReplicaSet" and template_hash and name.endswith(f"-{template_hash}"):
        return "Deployment", name.removesuffix(f"-{template_hash}")
    return kind, name


def _service_port(port: dict[str, Any]) -> ServicePort:
    own = number(port, "port") or 0
    target = port.get("targetPort")
    if target is None or target in {0, ""}:
        target = own
    if not isinstance(target, int | str):
        raise TypeError("`targetPort` is neither a number nor a name")
    protocol = text(port, "protocol") or "TCP"
    return ServicePort(protocol=protocol, port=own, target_port=target, name=text(port, "name"))
