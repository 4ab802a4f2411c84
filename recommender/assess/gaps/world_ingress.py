"""Workloads that the outside reaches."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.assess.codes import WORLD_INGRESS
from recommender.assess.ends import is_outside
from recommender.assess.gaps.report import make_gap
from recommender.assess.ports import is_sensitive
from recommender.assess.wording import counted
from recommender.model.edge import WorkloadEnd
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.edge import Edge
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which workloads will stay reachable from outside the cluster, and on which ports?"""
    exposed: defaultdict[WorkloadEnd, list[Edge]] = defaultdict(list)
    for edge in context.allowed():
        if isinstance(edge.server, WorkloadEnd) and is_outside(edge.client):
            exposed[edge.server].append(edge)
    for server, edges in sorted(exposed.items()):
        ports = [f"{p}/{n}" for p, n in sorted({(edge.protocol.value, edge.port) for edge in edges})]
        sensitive = any(is_sensitive(edge.protocol, edge.port) for edge in edges)
        yield make_gap(
            WORLD_INGRESS,
            subject=str(server),
            reason=f"{counted(len(edges), 'edge')} from outside on {', '.join(ports)}",
            severity=Severity.HIGH if sensitive else Severity.MEDIUM,
            count=len(edges),
            examples=(edge.key for edge in edges),
            facts=ports,
        )
