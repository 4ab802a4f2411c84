"""Protocols that no policy API names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import INEXPRESSIBLE
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.capture import FlowClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which flows can no policy allow?"""
    found = context.class_count(FlowClass.INEXPRESSIBLE)
    if found:
        yield make_gap(
            INEXPRESSIBLE,
            subject="capture",
            reason=f"{counted(found.flows, 'flow')} of {context.capture.flows}",
            count=found.flows,
            examples=found.examples,
        )
