"""Ports in use that no container declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.declared_ports import declared_ports
from recommender.assess.gaps.report import make_gap
from recommender.assess.inventory_codes import UNDECLARED_PORTS
from recommender.assess.wording import counted
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which allowed ports does no container of the server declare?

    Declaring is optional in Kubernetes (API reference, `ContainerPort`), so only workloads that declare some port are
    asked.
    """
    declared = declared_ports(context)
    found = sorted(
        {
            f"{edge.server} {edge.protocol}/{edge.port}"
            for edge in context.allowed()
            if edge.protocol.has_ports
            and isinstance(edge.server, WorkloadEnd)
            and declared.get(edge.server)
            and (edge.protocol.value, edge.port) not in declared[edge.server]
        }
    )
    if found:
        yield make_gap(
            UNDECLARED_PORTS,
            subject="ports",
            reason=f"{counted(len(found), 'port')} in use of workloads that declare others only",
            count=len(found),
            examples=found,
            facts=found,
        )
