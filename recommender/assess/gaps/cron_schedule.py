"""Cron schedules as CronJobs write them: when is a run due?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from recommender.assess.context import HOUR

_MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_WEEKDAYS: Final = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_FIELDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CronSchedule:
    """The five fields of a schedule, as sets (Kubernetes docs: "CronJob", schedule syntax)."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    any_day: bool
    """Whether one of day and weekday is `*`, so that both must match; otherwise either is enough (crontab(5))."""

    @classmethod
    def parse(cls, text: str) -> CronSchedule | None:
        """Read a schedule; None if it is not one."""
        fields = _MACROS.get(text.strip().lower(), text).lower().split()
        if fields and fields[0].startswith(("tz=", "cron_tz=")):
            fields = fields[1:]
        if len(fields) != _FIELDS:
            return None
        minute, hour, day, month, weekday = fields
        try:
            return cls(
                minutes=_values(minute, 0, 59, {}),
                hours=_values(hour, 0, 23, {}),
                days=_values(day, 1, 31, {}),
                months=_values(month, 1, 12, _MONTHS),
                weekdays=frozenset(value % 7 for value in _values(weekday, 0, 7, _WEEKDAYS)),
                any_day=day[0] in "*?" or weekday[0] in "*?",
            )
        except ValueError:
            return None

    def due_hours(self, first: int, last: int) -> int:
        """In how many clock hours (UTC) between two times (nanoseconds since the epoch, both included) is a run due?"""
        if last < first:
            return 0
        return sum(self._due_in(hour, first, last) for hour in range(first // HOUR, last // HOUR + 1))

    def _due_in(self, hour: int, first: int, last: int) -> bool:
        start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        if start.hour not in self.hours or start.month not in self.months or not self._on_day(start):
            return False
        minute = HOUR // 60
        return any(first <= hour * HOUR + due * minute <= last for due in self.minutes)

    def _on_day(self, moment: datetime) -> bool:
        day, weekday = moment.day in self.days, moment.isoweekday() % 7 in self.weekdays
        return (day and weekday) if self.any_day else (day or weekday)


def _values(field: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        start, dash, stop = span.partition("-")
        if span in {"*", "?"}:
            first, last = low, high
        else:
            first = _value(start, names)
            last = _value(stop, names) if dash else (high if slash else first)
        stride = int(step) if slash else 1
        if stride < 1 or not low <= first <= last <= high:
            raise ValueError(field)
        found.update(range(first, last + 1, stride))
    return frozenset(found)


def _value(text: str, names: dict[str, int]) -> int:
    return names[text] if text in names else int(text)
