"""Quarantined edges that other rules let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import STILL_OPEN
from recommender.assess.gaps.report import counted, make_gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which quarantined edges would the manifests let through nevertheless (found by the replay proof)?"""
    still_open = context.proof.still_open if context.proof else ()
    if still_open:
        yield make_gap(
            STILL_OPEN,
            subject="policies",
            reason=f"{counted(len(still_open), 'quarantined edge')} allowed by a rule made for others",
            count=len(still_open),
            examples=sorted(still_open),
        )
