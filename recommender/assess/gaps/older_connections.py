"""Needs of which only connections older than the window are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.capture_codes import OLDER_CONNECTIONS
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.edge import Protocol
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.edge import Edge
    from recommender.model.gap import Gap

_MANY: Final = 0.2


def detect(context: GapContext) -> Iterator[Gap]:
    """Which allowed edges were never seen to be opened (hubble-quirks 5, 19)?

    Pools, watches and streams that were open when the window began, or that resumed after a rest. TCP only: nothing
    else has an opening.
    """
    edges = [edge for edge in context.allowed() if edge.protocol is Protocol.TCP]
    older = [edge for edge in edges if is_older(edge)]
    if older:
        yield make_gap(
            OLDER_CONNECTIONS,
            subject="capture",
            reason=f"{counted(len(older), 'edge')} of {len(edges)} over TCP without a recorded opening",
            severity=Severity.MEDIUM if len(older) >= _MANY * len(edges) else Severity.LOW,
            count=len(older),
            examples=(edge.key for edge in older),
        )


def is_older(edge: Edge) -> bool:
    """Whether packets of all its connections were recorded, and the opening of none."""
    return edge.evidence.unopened == edge.evidence.connections
