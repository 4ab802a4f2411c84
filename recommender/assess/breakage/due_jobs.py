"""Jobs that the inventory names, that the window did not show, and that are due soon."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from recommender.assess.gaps.cron_schedule import CronSchedule
from recommender.model.activity import HOUR_NS
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from recommender.assess.breakage.governance import Governance
    from recommender.assess.scoring import ScoredEdges


def due_jobs(governance: Governance, scored: ScoredEdges, days: float) -> np.ndarray:
    """Unseen jobs due within so many days, divided among the policies that receive connections in their namespace.

    A job's own pods have no policy yet; what it calls, most likely in its namespace, denies it as a stranger.
    """
    seen = {(end.namespace, end.name) for end in scored.context.seen if isinstance(end, WorkloadEnd)}
    begin = scored.context.capture.last_seen + 1
    end = begin + round(days * 24 * HOUR_NS)
    waiting: Counter[str] = Counter()
    for job in scored.context.inventory.workloads:
        if job.kind != "CronJob" or not job.schedule or (job.namespace, job.name) in seen:
            continue
        schedule = CronSchedule.parse(job.schedule)
        if schedule is not None and schedule.due_hours(begin, end):
            waiting[job.namespace] += 1
    spaces = np.array([policy.group.namespace for policy in governance.policies])
    expected = np.zeros(governance.count)
    for namespace, jobs in sorted(waiting.items()):
        there = (spaces == namespace) & governance.receives
        expected[there] += jobs / max(int(there.sum()), 1)
    return expected
