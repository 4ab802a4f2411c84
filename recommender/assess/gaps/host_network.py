"""Pods that share their node's network identity."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.assess.codes import HOST_NETWORK
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which workloads run on the host network (hubble-quirks 33)? One gap for each namespace."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for workload in context.inventory.workloads:
        if workload.host_network:
            found[workload.namespace].add(f"{workload.kind}/{workload.name}")
    for pod in context.inventory.pods:
        if pod.host_network:
            owner = f"{pod.owner_kind}/{pod.owner_name}" if pod.owner_kind not in {"", "Node"} else f"Pod/{pod.name}"
            found[pod.namespace].add(owner)
    for end, seen in context.workloads.items():
        if seen.host_network:
            found[end.namespace].add(f"{end.kind}/{end.name}")
    for namespace, names in sorted(found.items()):
        yield make_gap(
            HOST_NETWORK,
            subject=f"namespace {namespace}",
            reason=f"{counted(len(names), 'workload')} on the host network",
            count=len(names),
            examples=sorted(names),
            facts=sorted(names),
        )
