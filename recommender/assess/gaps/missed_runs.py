"""CronJobs that ran less often in the window than their schedule says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.assess.codes import MISSED_RUNS
from recommender.assess.gaps.cron_schedule import CronSchedule
from recommender.assess.gaps.report import command_name, make_gap
from recommender.assess.wording import counted
from recommender.model.edge import WorkloadEnd
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.inventory import InventoryWorkload


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """In how many clock hours of the window a CronJob should have run, and did."""

    job: InventoryWorkload
    due: int | None
    """None if its schedule cannot be read."""
    seen: int

    @property
    def name(self) -> str:
        """`namespace/CronJob/name`."""
        return f"{self.job.namespace}/CronJob/{self.job.name}"

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.seen) and (self.due is None or self.seen >= self.due)

    @property
    def text(self) -> str:
        """What was seen and what was due, in words."""
        zone = f" {self.job.time_zone}" if self.job.time_zone else ""
        if self.due is None:
            return f"seen in {counted(self.seen, 'hour')}; its schedule `{self.job.schedule}`{zone} could not be read"
        seen, due = counted(self.seen, "hour"), counted(self.due, "hour")
        return f"seen in {seen}; due in {due} of the window (`{self.job.schedule}`{zone})"


def detect(context: GapContext) -> Iterator[Gap]:
    """Which CronJobs were seen in fewer hours than their schedule names in the window?

    Hours, not runs, are compared: two runs in one hour leave the same evidence. Those that lack nothing share one
    finding, so that each CronJob is told with its schedule.
    """
    complete = []
    for runs in all_runs(context):
        if runs.job.suspended and not runs.seen:
            yield _missed(runs, Severity.LOW, f"suspended now, and never seen (`{runs.job.schedule}`)")
        elif runs.complete:
            complete.append(runs)
        else:
            yield _missed(runs, Severity.LOW if runs.seen else Severity.HIGH, runs.text)
    if complete:
        yield make_gap(
            MISSED_RUNS,
            subject="cronjobs as due",
            reason=f"{counted(len(complete), 'CronJob')} seen in as many hours as due",
            severity=Severity.INFO,
            action="Nothing.",
            count=len(complete),
            examples=(f"{runs.name}: {runs.text}" for runs in complete),
        )


def all_runs(context: GapContext) -> Iterator[Runs]:
    """Every CronJob of the inventory with a schedule, by namespace and name."""
    hours = _hours_by_owner(context)
    for job in sorted(context.inventory.workloads, key=lambda workload: (workload.namespace, workload.name)):
        if job.kind == "CronJob" and job.schedule:
            schedule = CronSchedule.parse(job.schedule, job.time_zone)
            window = context.capture.first_seen, context.capture.last_seen
            due = None if schedule is None else schedule.due_hours(*window)
            yield Runs(job=job, due=due, seen=_hours_seen(job, hours.get(job.namespace, {})))


def _missed(runs: Runs, severity: Severity, reason: str) -> Gap:
    name, namespace = command_name(runs.job.name), command_name(runs.job.namespace, "NAMESPACE")
    return make_gap(
        MISSED_RUNS,
        subject=runs.name,
        reason=reason,
        severity=severity,
        action=f"Run it once while capturing: kubectl -n {namespace} create job --from=cronjob/{name} {name}-observed",
        count=max(1, (runs.due or 0) - runs.seen),
    )


def _hours_by_owner(context: GapContext) -> Mapping[str, Mapping[WorkloadEnd, int]]:
    """By namespace the most active hours on any edge of each client that may be a CronJob's pod."""
    found: defaultdict[str, dict[WorkloadEnd, int]] = defaultdict(dict)
    for edge in context.edges.values():
        client = edge.client
        if isinstance(client, WorkloadEnd) and client.kind in {"CronJob", "Job"}:
            known = found[client.namespace]
            known[client] = max(known.get(client, 0), edge.evidence.active_hours)
    return found


def _hours_seen(job: InventoryWorkload, hours: Mapping[WorkloadEnd, int]) -> int:
    """Most active hours on any of its edges; a CronJob's pods may be known by the CronJob or by its jobs."""
    return max((seen for end, seen in hours.items() if _is_of(end, job)), default=0)


def _is_of(end: WorkloadEnd, job: InventoryWorkload) -> bool:
    return (end.kind == "CronJob" and end.name == job.name) or (
        end.kind == "Job" and end.name.startswith(f"{job.name}-") and end.name.rpartition("-")[2].isdigit()
    )
