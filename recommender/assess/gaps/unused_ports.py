"""Ports that containers declare and nothing used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.declared_ports import asked_ports, declared_ports
from recommender.assess.gaps.report import make_gap
from recommender.assess.inventory_codes import UNUSED_PORTS
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which declared ports of workloads that were seen did nobody ask, nodes included?

    Workloads that were never seen have a finding of their own.
    """
    asked = asked_ports(context)
    unused = sorted(
        f"{end} {protocol}/{port}"
        for end, ports in declared_ports(context).items()
        for protocol, port in sorted(ports - asked.get(end, set()))
    )
    if unused:
        yield make_gap(
            UNUSED_PORTS,
            subject="ports",
            reason=f"{counted(len(unused), 'declared port')} without a client",
            count=len(unused),
            examples=unused,
        )
