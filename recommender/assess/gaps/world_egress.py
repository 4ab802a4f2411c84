"""Workloads that reach many outside addresses."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from recommender.assess.codes import WORLD_EGRESS
from recommender.assess.gaps.report import make_gap
from recommender.model.edge import AddressEnd, EntityEnd, WorkloadEnd
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.edge import Edge
    from recommender.model.gap import Gap

MANY_ADDRESSES: Final = 10
_ANYWHERE: Final = frozenset({EntityEnd(entity=Entity.WORLD), EntityEnd(entity=Entity.ALL)})


def detect(context: GapContext) -> Iterator[Gap]:
    """Which workloads will be open to the whole internet, or to a list of addresses that never ends?"""
    outward: defaultdict[WorkloadEnd, list[Edge]] = defaultdict(list)
    for edge in context.allowed():
        if isinstance(edge.client, WorkloadEnd) and (isinstance(edge.server, AddressEnd) or edge.server in _ANYWHERE):
            outward[edge.client].append(edge)
    for client, edges in sorted(outward.items()):
        addresses = {edge.server for edge in edges if isinstance(edge.server, AddressEnd)}
        anywhere = [edge for edge in edges if isinstance(edge.server, EntityEnd)]
        if not anywhere and len(addresses) < MANY_ADDRESSES:
            continue
        where = "the world, whatever its address" if anywhere else f"{len(addresses)} different addresses"
        yield make_gap(
            WORLD_EGRESS,
            subject=str(client),
            reason=f"reaches {where}",
            count=len(addresses) + len(anywhere),
            examples=(edge.key for edge in anywhere or edges),
            facts=("anywhere" if anywhere else "many addresses",),
        )
