"""Records that stand for many events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.capture_codes import AGGREGATED_EXPORT
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Did the exporter aggregate flows, which keeps the time of the first of them only (hubble-format 6)?"""
    aggregated = context.capture.aggregated_flows
    if aggregated:
        yield make_gap(
            AGGREGATED_EXPORT,
            subject="export",
            reason=f"{counted(aggregated, 'record')} of {context.capture.flows} stand for several events each",
            count=aggregated,
        )
