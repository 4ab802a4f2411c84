"""When simulated jobs run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.calibration.world import HOURS
from recommender.assess.gaps.cron_schedule import CronSchedule
from recommender.model.activity import HOUR_NS

if TYPE_CHECKING:
    from benchmarks.calibration.world import World


def runs(schedule: str, world: World) -> np.ndarray:
    """Hours in which a job runs, by its schedule as the program reads it."""
    read = CronSchedule.parse(schedule)
    if read is None:
        raise ValueError(schedule)
    start = world.start_ns
    return np.array(
        [read.due_hours(start + hour * HOUR_NS, start + (hour + 1) * HOUR_NS - 1) > 0 for hour in range(HOURS)]
    )
