"""A window without a weekend."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from recommender.assess.codes import NO_WEEKEND
from recommender.assess.context import SHORT_WINDOW_HOURS
from recommender.assess.gaps.report import make_gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

_NAMES: Final = {5: "Saturday", 6: "Sunday"}
"""By `date.weekday()`."""


def detect(context: GapContext) -> Iterator[Gap]:
    """Does the window touch a Saturday and a Sunday (UTC)?

    Nothing is said of windows of less than a day, which have a graver finding of their own.
    """
    if context.capture.hours < SHORT_WINDOW_HOURS:
        return
    first, last = utc_day(context.capture.first_seen), utc_day(context.capture.last_seen)
    length = min((last - first).days, 6)
    touched = {(first + timedelta(days=offset)).weekday() for offset in range(length + 1)}
    missing = [name for weekday, name in _NAMES.items() if weekday not in touched]
    if missing:
        yield make_gap(
            NO_WEEKEND,
            subject="capture",
            reason=f"no {' and no '.join(missing)} between {first} and {last} (UTC)",
            facts=missing,
        )


def utc_day(nanoseconds: int) -> date:
    """The day of a time, in UTC."""
    return datetime.fromtimestamp(nanoseconds // 1_000_000_000, tz=UTC).date()
