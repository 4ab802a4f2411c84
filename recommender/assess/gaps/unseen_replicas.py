"""Replicas that exist, or may come, and were not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.report import make_gap
from recommender.assess.inventory_codes import UNSEEN_REPLICAS
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

    Key = tuple[str, str, str]
    """Namespace, kind and name of a workload."""


def detect(context: GapContext) -> Iterator[Gap]:
    """Of which workloads were fewer pods seen than it is set to have, or than its autoscaler may make?

    One finding each; workloads of which no pod is known by name are passed over.
    """
    seen: dict[Key, int] = {
        (end.namespace, end.kind, end.name): len(workload.pods)
        for end, workload in context.workloads.items()
        if workload.pods and not workload.host_network
    }
    wanted = {(item.namespace, item.kind, item.name): item.replicas or 0 for item in context.inventory.workloads}
    most = {(item.namespace, item.target_kind, item.target_name): item.most for item in context.inventory.scalers}
    for subject, what, numbers in (("replicas", "set to have", wanted), ("autoscalers", "scaled up to", most)):
        fewer = sorted(key for key, number in numbers.items() if key in seen and number > seen[key])
        if fewer:
            yield make_gap(
                UNSEEN_REPLICAS,
                subject=subject,
                reason=f"{counted(len(fewer), 'workload')} {what} more pods than were seen",
                count=len(fewer),
                examples=(f"{'/'.join(key)}: {seen[key]} of {numbers[key]}" for key in fewer),
                facts=("/".join(key) for key in fewer),
            )
