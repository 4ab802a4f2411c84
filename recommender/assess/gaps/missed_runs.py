"""CronJobs that ran less often in the window than their schedule says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import MISSED_RUNS
from recommender.assess.gaps.cron_schedule import CronSchedule
from recommender.assess.gaps.report import command_name, counted, make_gap
from recommender.model.edge import WorkloadEnd
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.inventory import InventoryWorkload


def detect(context: GapContext) -> Iterator[Gap]:
    """Which CronJobs were seen in fewer hours than their schedule names in the window?

    Hours, not runs, are compared: two runs in one hour leave the same evidence. Schedules are read as UTC.
    """
    for job in sorted(context.inventory.workloads, key=lambda workload: (workload.namespace, workload.name)):
        if job.kind == "CronJob" and job.schedule:
            yield from _of_job(job, context)


def _of_job(job: InventoryWorkload, context: GapContext) -> Iterator[Gap]:
    seen = _hours_seen(job, context)
    schedule = CronSchedule.parse(job.schedule)
    if schedule is None:
        expected, due = None, f"its schedule `{job.schedule}` could not be read"
    else:
        expected = schedule.due_hours(context.capture.first_seen, context.capture.last_seen)
        due = f"due in {counted(expected, 'hour')} of the window (`{job.schedule}`)"
    if seen and (expected is None or seen >= expected):
        return
    name, namespace = command_name(job.name), command_name(job.namespace, "NAMESPACE")
    yield make_gap(
        MISSED_RUNS,
        subject=f"{job.namespace}/CronJob/{job.name}",
        reason=f"seen in {counted(seen, 'hour')}; {due}",
        severity=Severity.LOW if seen else Severity.HIGH,
        action=f"Run it once while capturing: kubectl -n {namespace} create job --from=cronjob/{name} {name}-observed",
        count=max(1, (expected or 0) - seen),
    )


def _hours_seen(job: InventoryWorkload, context: GapContext) -> int:
    """Most active hours on any of its edges; a CronJob's pods may be known by the CronJob or by its jobs."""
    return max(
        (
            edge.evidence.active_hours
            for edge in context.edges.values()
            if isinstance(edge.client, WorkloadEnd) and _is_of(edge.client, job)
        ),
        default=0,
    )


def _is_of(end: WorkloadEnd, job: InventoryWorkload) -> bool:
    if end.namespace != job.namespace:
        return False
    return (end.kind == "CronJob" and end.name == job.name) or (
        end.kind == "Job" and end.name.startswith(f"{job.name}-") and end.name.rpartition("-")[2].isdigit()
    )
