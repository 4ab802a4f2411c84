"""Connections that were probably open before policies judged them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.assess.codes import TRACE_ONLY
from recommender.assess.gaps.report import counted, make_gap
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.edge import Edge
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which edges have no verdict although their client has verdicts on others (hubble-quirks 19)?

    One gap for each namespace of the clients.
    """
    judged = {edge.client for edge in context.edges.values() if edge.evidence.egress_verdicts}
    unjudged: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in context.allowed():
        if isinstance(edge.client, WorkloadEnd) and edge.client in judged and _trace_only(edge):
            unjudged[edge.client.namespace].append(edge)
    for namespace, edges in sorted(unjudged.items()):
        yield make_gap(
            TRACE_ONLY,
            subject=f"namespace {namespace}",
            reason=f"{counted(len(edges), 'edge')} seen only in traces, though their clients are audited otherwise",
            count=len(edges),
            examples=(edge.key for edge in edges),
        )


def _trace_only(edge: Edge) -> bool:
    verdicts = edge.evidence.verdicts
    judged = verdicts.explicitly_denied + verdicts.denied + verdicts.audited + verdicts.allowed_by_policy
    return verdicts.no_verdict > 0 and judged == 0
