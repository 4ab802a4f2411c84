"""When a cron expression fires."""

from __future__ import annotations

from time import gmtime
from typing import TYPE_CHECKING

from tests.simulator.records import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.cluster import Cron

MINUTE = 60 * SECOND


def fires(cron: Cron, start: int, stop: int) -> Iterator[int]:
    """The moments (nanoseconds, whole minutes, UTC) in [start, stop) at which `cron` fires."""
    for minute in range(-(-start // MINUTE), -(-stop // MINUTE)):
        if minute % 60 != cron.minute:
            continue
        now = gmtime(minute * 60)
        weekday = (now.tm_wday + 1) % 7
        if all(
            wanted is None or wanted == found
            for wanted, found in ((cron.hour, now.tm_hour), (cron.day, now.tm_mday), (cron.weekday, weekday))
        ):
            yield minute * MINUTE
