"""Probes of the kubelet that no flow shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.asked_pods import unanswered
from recommender.assess.gaps.report import make_gap
from recommender.assess.inventory_codes import UNPROBED
from recommender.assess.wording import counted
from recommender.model.declared_use import UseKind
from recommender.model.edge import EntityEnd
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which probed ports (liveness, readiness, startup) were not asked by any node?"""
    by_nodes = (edge for edge in context.edges.values() if isinstance(edge.client, EntityEnd))
    missing = sorted({f"{use.source} port {use.port}" for use in unanswered(UseKind.PROBE, by_nodes, context)})
    if missing:
        yield make_gap(
            UNPROBED,
            subject="probes",
            reason=f"{counted(len(missing), 'port')} with a probe, never asked by a node",
            severity=Severity.HIGH if context.own_node_needs_rules else Severity.INFO,
            count=len(missing),
            examples=missing,
        )
