"""Records that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import UNREADABLE
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which records could not be read, by reason?"""
    for reject in context.capture.rejects:
        yield make_gap(
            UNREADABLE,
            subject="capture",
            reason=f"{counted(reject.lines, 'record')}: {reject.reason}",
            count=reject.lines,
            examples=reject.examples,
            facts=(reject.reason,),
        )
