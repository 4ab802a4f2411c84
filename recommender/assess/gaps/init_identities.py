"""Flows of pods that had no labels yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import INIT_IDENTITIES
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.capture import FlowClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which flows belong to pods that were just starting (hubble-quirks 35)?"""
    found = context.class_count(FlowClass.INIT)
    if found:
        yield make_gap(
            INIT_IDENTITIES,
            subject="capture",
            reason=f"{counted(found.flows, 'flow')} of {context.capture.flows}",
            count=found.flows,
            examples=found.examples,
        )
