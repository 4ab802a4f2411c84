"""Jobs whose period is too long for the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import LONG_PERIODS
from recommender.assess.context import SHORT_WINDOW_HOURS
from recommender.assess.gaps.missed_runs import all_runs
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

WEEKLY_NEEDS_DAYS: Final = 15
MONTHLY_NEEDS_DAYS: Final = 62
_TWICE: Final = 2


def detect(context: GapContext) -> Iterator[Gap]:
    """Which periods does the window not hold twice (`scoring 7e`)?

    Nothing is said of windows of less than a day, which have a graver finding of their own.
    """
    days = context.capture.days
    if days >= MONTHLY_NEEDS_DAYS or context.capture.hours < SHORT_WINDOW_HOURS:
        return
    weekly = days < WEEKLY_NEEDS_DAYS
    periods = "weekly and monthly jobs" if weekly else "monthly jobs"
    rare = [runs for runs in all_runs(context) if runs.due is not None and runs.due < _TWICE]
    known = f"; {counted(len(rare), 'CronJob')} due less than twice in it" if rare else ""
    yield make_gap(
        LONG_PERIODS,
        subject="capture",
        reason=f"{periods} cannot be told from chance in {days:.1f} days{known}",
        severity=Severity.MEDIUM if weekly else Severity.LOW,
        count=max(1, len(rare)),
        examples=(f"{runs.name}: `{runs.job.schedule}`" for runs in rare),
        facts=(periods, *(runs.name for runs in rare)),
    )
