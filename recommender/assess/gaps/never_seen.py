"""Workloads of the inventory that no flow shows."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from recommender.assess.codes import NEVER_SEEN
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.inventory import InventoryWorkload

_LASTING_KINDS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def detect(context: GapContext) -> Iterator[Gap]:
    """Which workloads exist and run, but were never seen? One gap for each namespace.

    CronJobs have a finding of their own; workloads on the host network or scaled to zero cannot show.
    """
    seen = {(end.namespace, end.kind, end.name) for end in context.workloads}
    seen_pods = {(end.namespace, pod) for end, workload in context.workloads.items() for pod in workload.pods}
    owned_seen = {
        (pod.namespace, pod.owner_kind, pod.owner_name)
        for pod in context.inventory.pods
        if (pod.namespace, pod.name) in seen_pods
    }
    missing: defaultdict[str, list[InventoryWorkload]] = defaultdict(list)
    for workload in context.inventory.workloads:
        key = (workload.namespace, workload.kind, workload.name)
        if _should_show(workload) and key not in seen and key not in owned_seen:
            missing[workload.namespace].append(workload)
    for namespace, workloads in sorted(missing.items()):
        names = sorted(f"{w.namespace}/{w.kind}/{w.name}" for w in workloads)
        yield make_gap(
            NEVER_SEEN,
            subject=f"namespace {namespace}",
            reason=f"{counted(len(workloads), 'workload')} of the inventory in no flow",
            count=len(workloads),
            examples=names,
            facts=names,
        )


def _should_show(workload: InventoryWorkload) -> bool:
    return workload.kind in _LASTING_KINDS and not workload.host_network and workload.replicas != 0
