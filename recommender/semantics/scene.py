"""Who is there to be judged: workloads and their pods, from an inventory or from an earlier run's report."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.model.connection import PodEndpoint
from recommender.model.edge import Workload, WorkloadEnd
from recommender.model.labels import NAMESPACE_KEY, SERVICE_ACCOUNT_KEY, LabelSet
from recommender.semantics.judged_ends import pods_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.model.connection import JudgedEndpoint
    from recommender.model.inventory import Inventory, InventoryPod, InventoryWorkload


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Pods of one workload that share one label set, which no policy tells apart by name."""

    workload: WorkloadEnd
    endpoint: JudgedEndpoint
    pods: tuple[str, ...]
    """Names, sorted; in a report the names of all the workload's pods."""
    declared_ports: tuple[tuple[str, int], ...] = ()
    """(protocol, number) of its containers, as the inventory has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything in the cluster that can be named as an end of a connection."""

    workloads: tuple[Workload, ...]
    members: tuple[Member, ...]
    """Sorted by workload."""
    addresses: tuple[tuple[str, Member], ...] = ()
    """Pod addresses."""
    node_addresses: frozenset[str] = frozenset()


def scene_of_report(workloads: Iterable[Workload]) -> Scene:
    """The workloads of an earlier run, one member for every label set that was seen."""
    ordered = tuple(sorted(workloads, key=lambda workload: workload.end))
    members = [
        Member(workload=workload.end, endpoint=endpoint, pods=workload.pods)
        for workload in ordered
        for endpoint in pods_of(workload)
    ]
    return Scene(workloads=ordered, members=tuple(members))


def scene_of_inventory(inventory: Inventory) -> Scene:
    """The inventory's pods by owner and labels; a workload without pods stands with its template's labels."""
    shared: dict[WorkloadEnd, dict[LabelSet | None, list[InventoryPod]]] = defaultdict(lambda: defaultdict(list))
    for pod in inventory.pods:
        shared[_owner(pod)][None if pod.host_network else _labels(pod)].append(pod)
    workloads: dict[WorkloadEnd, Workload] = {}
    members: list[Member] = []
    for end, by_labels in shared.items():
        workloads[end] = _workload(end, by_labels)
        for labels, pods in by_labels.items():
            members.append(_member(end, labels, pods))
    for template in inventory.workloads:
        end = WorkloadEnd(namespace=template.namespace, kind=template.kind, name=template.name)
        if end not in workloads:
            workloads[end] = _template(end, template)
            members.append(Member(workload=end, endpoint=pods_of(workloads[end])[0], pods=()))
    ordered = tuple(sorted(members, key=lambda member: (member.workload, member.pods, str(member.endpoint))))
    by_pod = {(member.workload.namespace, pod): member for member in ordered for pod in member.pods}
    return Scene(
        workloads=tuple(workloads[end] for end in sorted(workloads)),
        members=ordered,
        addresses=tuple(
            sorted(
                (
                    (address, by_pod[pod.namespace, pod.name])
                    for pod in inventory.pods
                    if not pod.host_network
                    for address in pod.addresses
                ),
                key=lambda item: item[0],
            )
        ),
        node_addresses=frozenset(inventory.node_addresses),
    )


def _owner(pod: InventoryPod) -> WorkloadEnd:
    return WorkloadEnd(namespace=pod.namespace, kind=pod.owner_kind or "Pod", name=pod.owner_name or pod.name)


def _labels(pod: InventoryPod) -> LabelSet:
    return _label_set(pod.namespace, pod.labels, pod.service_account)


def _label_set(namespace: str, labels: Sequence[tuple[str, str]], service_account: str) -> LabelSet:
    every = (*labels, (NAMESPACE_KEY, namespace), (SERVICE_ACCOUNT_KEY, service_account or "default"))
    return LabelSet.parse(f"k8s:{key}={value}" for key, value in every)


def _workload(end: WorkloadEnd, by_labels: dict[LabelSet | None, list[InventoryPod]]) -> Workload:
    every = [pod for pods in by_labels.values() for pod in pods]
    return Workload(
        end=end,
        label_sets=tuple(sorted((labels for labels in by_labels if labels), key=lambda labels: labels.digest)),
        pods=tuple(sorted(pod.name for pod in every)),
        named_ports=tuple(sorted({port for pod in every for port in pod.named_ports})),
        host_network=all(pod.host_network for pod in every),
    )


def _template(end: WorkloadEnd, template: InventoryWorkload) -> Workload:
    labels = _label_set(end.namespace, template.template_labels, template.service_account)
    return Workload(
        end=end,
        label_sets=() if template.host_network else (labels,),
        host_network=template.host_network,
    )


def _member(end: WorkloadEnd, labels: LabelSet | None, pods: list[InventoryPod]) -> Member:
    one = Workload(
        end=end,
        label_sets=(labels,) if labels else (),
        named_ports=tuple(sorted({port for pod in pods for port in pod.named_ports})),
        host_network=labels is None,
    )
    endpoint = pods_of(one)[0]
    if isinstance(endpoint, PodEndpoint):
        endpoint = replace(endpoint, addresses=tuple(sorted({text for pod in pods for text in pod.addresses})))
    return Member(
        workload=end,
        endpoint=endpoint,
        pods=tuple(sorted(pod.name for pod in pods)),
        declared_ports=tuple(sorted({port for pod in pods for port in pod.container_ports})),
    )


def named_ports_of(members: Iterable[Member], name: str) -> tuple[tuple[str, int], ...]:
    """(protocol, number) that these members give a port name, sorted."""
    found = {
        (protocol, number)
        for member in members
        if isinstance(member.endpoint, PodEndpoint)
        for port, protocol, number in member.endpoint.named_ports
        if port == name
    }
    return tuple(sorted(found))
