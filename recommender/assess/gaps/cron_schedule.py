"""Cron schedules as CronJobs write them: when is a run due?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from recommender.assess.context import HOUR

if TYPE_CHECKING:
    from datetime import tzinfo

_MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_ZONES: Final = ("tz=", "cron_tz=")
_FIELDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CronSchedule:
    """A schedule and the time zone that it is read in (Kubernetes documentation: "CronJob")."""

    expression: str
    zone: tzinfo

    @classmethod
    def parse(cls, text: str, time_zone: str = "") -> CronSchedule | None:
        """Read a schedule, in UTC unless the CronJob or the schedule names a time zone; None if it is none."""
        fields = _MACROS.get(text.strip().lower(), text).split()
        if fields and fields[0].lower().startswith(_ZONES):
            time_zone = time_zone or fields[0].partition("=")[2]
            fields = fields[1:]
        expression = " ".join(fields).replace("?", "*")
        if len(fields) != _FIELDS:
            return None
        try:
            CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC))
            return cls(expression=expression, zone=ZoneInfo(time_zone) if time_zone else UTC)
        except (CronSimError, OSError, ValueError, KeyError):
            return None

    def due_hours(self, first: int, last: int) -> int:
        """In how many clock hours (UTC) between two times (nanoseconds since the epoch, both included) is a run due?"""
        count, after = 0, first - 1
        while (due := self._next(after)) is not None and due <= last:
            count += 1
            after = (due // HOUR + 1) * HOUR - 1
        return count

    def _next(self, after: int) -> int | None:
        """The first run after a time, both in nanoseconds since the epoch; None if there is none in fifty years."""
        start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=after // 1_000_000_000)
        due = next(CronSim(self.expression, start.astimezone(self.zone)), None)
        return None if due is None else int(due.timestamp()) * 1_000_000_000
