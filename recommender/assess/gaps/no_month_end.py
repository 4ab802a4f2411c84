"""A window without the turn of a month."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from recommender.assess.calendar_codes import NO_MONTH_END
from recommender.assess.context import SHORT_WINDOW_HOURS
from recommender.assess.gaps.no_weekend import utc_day
from recommender.assess.gaps.report import make_gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Does the window hold the night between two months (UTC)?

    Nothing is said of windows of less than a day, which have a graver finding of their own.
    """
    if context.capture.hours < SHORT_WINDOW_HOURS:
        return
    first, last = utc_day(context.capture.first_seen), utc_day(context.capture.last_seen)
    if (first.year, first.month) != (last.year, last.month):
        return
    turn = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    yield make_gap(
        NO_MONTH_END,
        subject="capture",
        reason=f"from {first} to {last} (UTC) no month ends; the next one begins on {turn}",
    )
