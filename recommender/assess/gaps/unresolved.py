"""Flows with an end that could not be named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import UNRESOLVED
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.capture import FlowClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which flows have an end without a name (hubble-quirks 30, 44)?"""
    found = context.class_count(FlowClass.UNRESOLVED)
    if found:
        yield make_gap(
            UNRESOLVED,
            subject="capture",
            reason=f"{counted(found.flows, 'flow')} of {context.capture.flows}",
            count=found.flows,
            examples=found.examples,
        )
