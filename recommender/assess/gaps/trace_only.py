"""Connections that no policy was seen to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import TRACE_ONLY
from recommender.assess.gaps.older_connections import is_older
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.edge import Edge
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which edges have no verdict although their client has verdicts on others (hubble-quirks 19)?

    Edges of which only connections older than the window are known have a finding of their own.
    """
    judged = {edge.client for edge in context.edges.values() if edge.evidence.egress_verdicts}
    unjudged = [
        edge
        for edge in context.allowed()
        if isinstance(edge.client, WorkloadEnd) and edge.client in judged and _trace_only(edge) and not is_older(edge)
    ]
    if unjudged:
        yield make_gap(
            TRACE_ONLY,
            subject="capture",
            reason=f"{counted(len(unjudged), 'edge')} opened within the window and seen only in traces, though the "
            "clients are audited otherwise",
            count=len(unjudged),
            examples=(edge.key for edge in unjudged),
        )


def _trace_only(edge: Edge) -> bool:
    verdicts = edge.evidence.verdicts
    judged = verdicts.explicitly_denied + verdicts.denied + verdicts.audited + verdicts.allowed_by_policy
    return verdicts.no_verdict > 0 and judged == 0
