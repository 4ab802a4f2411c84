"""Records that were removed because they came more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import REPEATS
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """How many records were repeats (hubble-quirks 10)?"""
    repeats = context.capture.repeats
    if repeats:
        yield make_gap(
            REPEATS,
            subject="capture",
            reason=f"{counted(repeats, 'record')} removed beside {context.capture.flows} kept",
            count=repeats,
        )
