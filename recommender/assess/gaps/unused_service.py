"""Services of the inventory without a client."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.assess.codes import UNUSED_SERVICE
from recommender.assess.gaps.report import counted, make_gap
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.inventory import InventoryService


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPod:
    """A kind of pod that was asked on a port."""

    port: int
    labels: Mapping[str, str]
    named_ports: Mapping[str, int]

    def serves(self, service: InventoryService, target: int | str) -> bool:
        """Whether it stands behind a service's target port."""
        number = target if isinstance(target, int) else self.named_ports.get(target)
        return self.port == number and all(self.labels.get(key) == value for key, value in service.selector)


def detect(context: GapContext) -> Iterator[Gap]:
    """Which services did nobody use?

    A service counts as used if a flow names it, or if a pod that it selects was asked on one of its target ports.
    """
    named = {service for edge in context.edges.values() for service in edge.evidence.services}
    asked = _asked(context)
    unused = sorted(
        name
        for service in context.inventory.services
        if service.selector
        and (name := f"{service.namespace}/{service.name}") not in named
        and not _is_asked(service, asked)
    )
    if unused:
        yield make_gap(
            UNUSED_SERVICE,
            subject="services",
            reason=f"{counted(len(unused), 'service')} of {len(context.inventory.services)} without a client",
            count=len(unused),
            examples=unused,
            facts=unused,
        )


def _asked(context: GapContext) -> Mapping[tuple[str, str], Collection[AskedPod]]:
    """By namespace and protocol."""
    found: defaultdict[tuple[str, str], list[AskedPod]] = defaultdict(list)
    for edge in context.edges.values():
        workload = context.workloads.get(edge.server) if isinstance(edge.server, WorkloadEnd) else None
        if workload:
            names = {name: number for name, _, number in workload.named_ports}
            found[workload.end.namespace, edge.protocol.value].extend(
                AskedPod(port=edge.port, labels=labels.pod_labels, named_ports=names) for labels in workload.label_sets
            )
    return found


def _is_asked(service: InventoryService, asked: Mapping[tuple[str, str], Collection[AskedPod]]) -> bool:
    return any(
        pod.serves(service, port.target_port)
        for port in service.ports
        for pod in asked.get((service.namespace, port.protocol), ())
    )
