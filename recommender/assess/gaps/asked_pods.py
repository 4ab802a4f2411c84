"""Which pods were asked on which ports, and which of them something is configured to ask."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recommender.assess.gaps.context import GapContext
    from recommender.model.declared_use import DeclaredUse, UseKind
    from recommender.model.edge import Edge, Workload
    from recommender.model.inventory import Inventory, InventoryPod, InventoryService, ServicePort

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPod:
    """A kind of pod that was asked on a port."""

    port: int
    names: frozenset[str]
    """Of its pods."""
    labels: Mapping[str, str]
    named_ports: Mapping[str, int]

    def serves(self, target: Target) -> bool:
        """Whether a target leads to it."""
        number = target.port if isinstance(target.port, int) else self.named_ports.get(target.port)
        if self.port != number:
            return False
        if target.pod:
            return target.pod in self.names
        return all(self.labels.get(key) == value for key, value in target.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Pods that a service selects, or one pod, on one port of theirs (number or name)."""

    namespace: str
    protocol: str
    port: int | str
    labels: Pairs = ()
    pod: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPods:
    """Every pod that was asked, by namespace and protocol."""

    found: Mapping[tuple[str, str], list[AskedPod]]

    @classmethod
    def by(cls, edges: Iterable[Edge], context: GapContext) -> AskedPods:
        """The servers of these edges. Labels of the inventory count beside those of the flows, which may be fewer."""
        pods = pods_by_name(context.inventory)
        found: defaultdict[tuple[str, str], list[AskedPod]] = defaultdict(list)
        seen = set()
        for edge in edges:
            place = (edge.server, edge.protocol, edge.port)
            workload = context.workloads.get(edge.server) if isinstance(edge.server, WorkloadEnd) else None
            if workload and place not in seen:
                seen.add(place)
                found[workload.end.namespace, edge.protocol.value] += _kinds_of(workload, edge.port, pods)
        return cls(found=found)

    def answers(self, target: Target) -> bool:
        """Whether any of the target's pods was asked on its port."""
        return any(pod.serves(target) for pod in self.found.get((target.namespace, target.protocol), ()))


def pods_by_name(inventory: Inventory) -> dict[tuple[str, str], InventoryPod]:
    """Pods by namespace and name."""
    return {(pod.namespace, pod.name): pod for pod in inventory.pods}


def _kinds_of(workload: Workload, port: int, pods: Mapping[tuple[str, str], InventoryPod]) -> Iterator[AskedPod]:
    names = {name: number for name, _, number in workload.named_ports}
    known = [pods[workload.end.namespace, name] for name in workload.pods if (workload.end.namespace, name) in pods]
    described = {pod.labels for pod in known} | {tuple(sorted(s.pod_labels.items())) for s in workload.label_sets}
    for labels in sorted(described):
        yield AskedPod(port=port, names=frozenset(workload.pods), labels=dict(labels), named_ports=names)


def targets(use: DeclaredUse, inventory: Inventory) -> Iterator[Target]:
    """The pods and ports that a declared use leads to; none if nothing that it selects exists."""
    if use.service or use.by_service:
        for service in inventory.services:
            if service.selector and _selects(use, service):
                for port in service.ports:
                    chosen = _pods_port(use, port)
                    if chosen:
                        yield Target(
                            namespace=service.namespace, protocol=port.protocol, port=chosen, labels=service.selector
                        )
        return
    for pod in inventory.pods:
        if not use.namespaces or pod.namespace in use.namespaces:
            chosen_pod = pod.name == use.pod if use.pod else use.selector and use.selector.matches(dict(pod.labels))
            if chosen_pod and not pod.host_network:
                yield Target(namespace=pod.namespace, protocol="TCP", port=use.port, pod=pod.name)


def _selects(use: DeclaredUse, service: InventoryService) -> bool:
    if use.namespaces and service.namespace not in use.namespaces:
        return False
    if use.service:
        return service.name == use.service
    return use.selector is not None and use.selector.matches(dict(service.labels))


def _pods_port(use: DeclaredUse, port: ServicePort) -> int | str:
    """The pods' port behind this port of the service, if the use means it; else 0."""
    if use.is_target:
        return use.port
    return port.target_port if use.port in {port.port, port.name} else 0


def unanswered(kind: UseKind, edges: Iterable[Edge], context: GapContext) -> Iterator[DeclaredUse]:
    """The declared uses of a kind that lead to pods none of which was asked by these edges."""
    asked = AskedPods.by(edges, context)
    for use in context.inventory.uses:
        if use.kind is kind:
            found = list(targets(use, context.inventory))
            if found and not any(asked.answers(target) for target in found):
                yield use
