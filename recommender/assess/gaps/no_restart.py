"""Workloads none of whose pods started within the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.calendar_codes import NO_RESTART
from recommender.assess.gaps.report import command_name, make_gap
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.edge import WorkloadEnd
    from recommender.model.gap import Gap

_RESTARTED_BY: Final = {"Deployment": "deployment", "StatefulSet": "statefulset", "DaemonSet": "daemonset"}
_MOST: Final = 0.5


def detect(context: GapContext) -> Iterator[Gap]:
    """Of which workloads was no start seen (deploy, restart, move to another node), so that no start-up traffic was?

    Only those that a node reported as its own and that a rollout restarts. One finding, once most of them are
    concerned: a few that did not restart among many that did are ordinary.
    """
    lasting = {
        end: workload.starts_seen
        for end, workload in context.workloads.items()
        if end.kind in _RESTARTED_BY and workload.observed_locally and not workload.host_network
    }
    missing = sorted(end for end, starts in lasting.items() if not starts)
    if not lasting or len(missing) <= _MOST * len(lasting):
        return
    yield make_gap(
        NO_RESTART,
        subject="capture",
        reason=f"no pod of {len(missing)} of {counted(len(lasting), 'workload')} can be told to have started",
        severity=Severity.MEDIUM if len(missing) == len(lasting) else Severity.LOW,
        action=f"Restart them during the capture, one after the other: {_command(missing[0])}",
        count=len(missing),
        examples=map(str, missing),
    )


def _command(end: WorkloadEnd) -> str:
    namespace, name = command_name(end.namespace, "NAMESPACE"), command_name(end.name)
    return f"kubectl -n {namespace} rollout restart {_RESTARTED_BY[end.kind]} {name}"
