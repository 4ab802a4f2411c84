"""Jobs whose period is too long for the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import LONG_PERIODS
from recommender.assess.gaps.report import make_gap
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

WEEKLY_NEEDS_DAYS: Final = 15
MONTHLY_NEEDS_DAYS: Final = 62


def detect(context: GapContext) -> Iterator[Gap]:
    """Which periods does the window not hold twice (`scoring 7e`)?"""
    days = context.capture.days
    if days >= MONTHLY_NEEDS_DAYS:
        return
    weekly = days < WEEKLY_NEEDS_DAYS
    periods = "weekly and monthly jobs" if weekly else "monthly jobs"
    length = f"{days:.1f} days" if days >= 1 else "a window of less than a day"
    yield make_gap(
        LONG_PERIODS,
        subject="capture",
        reason=f"{periods} cannot be told from chance in {length}",
        severity=Severity.MEDIUM if weekly else Severity.LOW,
        facts=(periods,),
    )
