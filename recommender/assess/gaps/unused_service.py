"""Services of the inventory without a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import UNUSED_SERVICE
from recommender.assess.gaps.asked_pods import AskedPods, Target
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.inventory import InventoryService


def detect(context: GapContext) -> Iterator[Gap]:
    """Which services did nobody use?

    A service counts as used if a flow names it, or if a pod that it selects was asked on one of its target ports.
    """
    named = {service for edge in context.edges.values() for service in edge.evidence.services}
    asked = AskedPods.by(context.edges.values(), context)
    unused = sorted(
        name
        for service in context.inventory.services
        if service.selector
        and (name := f"{service.namespace}/{service.name}") not in named
        and not any(asked.answers(target) for target in _targets(service))
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


def _targets(service: InventoryService) -> Iterator[Target]:
    for port in service.ports:
        yield Target(
            namespace=service.namespace, protocol=port.protocol, port=port.target_port, labels=service.selector
        )
