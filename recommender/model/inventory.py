"""What `kubectl get … -o json` says about the cluster; optional, makes everything sharper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.declared_use import DeclaredUse


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPod:
    """A pod that exists, whether it was seen or not."""

    namespace: str
    name: str
    labels: tuple[tuple[str, str], ...]
    service_account: str = ""
    owner_kind: str = ""
    """Top owner: a ReplicaSet's Deployment, a Job's CronJob."""
    owner_name: str = ""
    addresses: tuple[str, ...] = ()
    node: str = ""
    host_network: bool = False
    named_ports: tuple[tuple[str, str, int], ...] = ()
    """(name, protocol, number)."""
    container_ports: tuple[tuple[str, int], ...] = ()
    """(protocol, number) declared."""
    started: int = 0
    """When its kubelet took it on (`status.startTime`), nanoseconds since the epoch; 0 if that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePort:
    """One port of a service."""

    protocol: str
    port: int
    target_port: int | str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryService:
    """A service and where it leads."""

    namespace: str
    name: str
    labels: tuple[tuple[str, str], ...] = ()
    selector: tuple[tuple[str, str], ...] = ()
    cluster_ips: tuple[str, ...] = ()
    ports: tuple[ServicePort, ...] = ()
    type: str = "ClusterIP"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryWorkload:
    """A Deployment, StatefulSet, DaemonSet, Job or CronJob."""

    namespace: str
    kind: str
    name: str
    template_labels: tuple[tuple[str, str], ...] = ()
    service_account: str = ""
    replicas: int | None = None
    schedule: str = ""
    time_zone: str = ""
    """In which the schedule is read; empty where the CronJob names none."""
    suspended: bool = False
    host_network: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryScaler:
    """A HorizontalPodAutoscaler and what it scales."""

    namespace: str
    name: str
    target_kind: str
    target_name: str
    most: int
    """`maxReplicas`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPolicy:
    """A policy that exists already, of any kind whose name ends in `NetworkPolicy`."""

    kind: str
    namespace: str
    name: str
    document: str = ""
    """Canonical JSON of what its author wrote: apiVersion, kind, name, namespace, labels, annotations and spec."""

    @property
    def full_name(self) -> str:
        """`Kind/namespace/name`, without the namespace for cluster-wide kinds."""
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The cluster as described; every part may be empty."""

    namespaces: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """(name, labels), sorted by name."""
    pods: tuple[InventoryPod, ...] = ()
    services: tuple[InventoryService, ...] = ()
    workloads: tuple[InventoryWorkload, ...] = ()
    policies: tuple[InventoryPolicy, ...] = ()
    uses: tuple[DeclaredUse, ...] = ()
    """What something is configured to call, by kind and source."""
    scalers: tuple[InventoryScaler, ...] = ()
    cilium_endpoints: tuple[tuple[str, str], ...] = ()
    """(namespace, pod) of every CiliumEndpoint, sorted: the pods that Cilium manages; empty if they were not given."""
    nodes: tuple[str, ...] = ()
    """Names, sorted."""
    node_addresses: tuple[str, ...] = ()
    digest: str = ""
    """Of the files read; empty when no inventory was given."""

    @property
    def given(self) -> bool:
        """Whether the user gave an inventory at all."""
        return bool(self.digest)
