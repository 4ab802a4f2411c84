"""Jobs whose period is too long for the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import LONG_PERIODS
from recommender.assess.context import SHORT_WINDOW_HOURS
from recommender.assess.gaps.report import make_gap
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

WEEKLY_NEEDS_DAYS: Final = 15
MONTHLY_NEEDS_DAYS: Final = 62


def detect(context: GapContext) -> Iterator[Gap]:
    """Which periods does the window not hold twice (`scoring 7e`)?

    Nothing is said of windows of less than a day, which have a graver finding of their own.
    """
    days = context.capture.days
    if days >= MONTHLY_NEEDS_DAYS or context.capture.hours < SHORT_WINDOW_HOURS:
        return
    weekly = days < WEEKLY_NEEDS_DAYS
    periods = "weekly and monthly jobs" if weekly else "monthly jobs"
    yield make_gap(
        LONG_PERIODS,
        subject="capture",
        reason=f"{periods} cannot be told from chance in {days:.1f} days",
        severity=Severity.MEDIUM if weekly else Severity.LOW,
        facts=(periods,),
    )
