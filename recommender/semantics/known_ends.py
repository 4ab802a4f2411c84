"""Everybody who may be an end of a connection: seen in the flows, or only described by the inventory."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from recommender.model.connection import PodEndpoint
from recommender.model.edge import WorkloadEnd
from recommender.semantics.judged_ends import pods_of
from recommender.semantics.scene import scene_of_inventory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.connection import JudgedEndpoint
    from recommender.model.edge import End, Workload
    from recommender.model.inventory import Inventory

_RUNS_ENDING: Final = re.compile(r"/(Cron)?Job/")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEnd:
    """One label set of one workload."""

    display: str
    """`namespace/Kind/name`."""
    endpoint: JudgedEndpoint
    observed: bool
    """Whether a node recorded its traffic as its own, and all of it was selected."""
    schedule: str = ""
    """Of a CronJob or Job; the empty text for what runs all the time."""

    @staticmethod
    def display_of(end: End) -> str:
        """The name by which an end of an edge is found here, without its cluster; other ends as they are."""
        return str(replace(end, cluster="")) if isinstance(end, WorkloadEnd) else str(end)


def known_ends(workloads: Sequence[Workload], inventory: Inventory, *, cluster: str) -> tuple[KnownEnd, ...]:
    """The workloads of the flows and of the inventory, which is of one cluster, sorted.

    Args:
        workloads: As seen.
        inventory: As described; pods that were never seen, and workloads without pods, by their template.
        cluster: The name of the cluster that the inventory describes.
    """
    schedules = {
        f"{item.namespace}/{item.kind}/{item.name}": item.schedule for item in inventory.workloads if item.schedule
    }
    observed = {
        KnownEnd.display_of(workload.end)
        for workload in workloads
        if workload.observed_locally and not workload.partly_selected
    }
    pairs = [(KnownEnd.display_of(workload.end), endpoint) for workload in workloads for endpoint in pods_of(workload)]
    pairs += [
        (str(member.workload), _in_cluster(member.endpoint, cluster))
        for member in scene_of_inventory(inventory).members
    ]
    return tuple(
        KnownEnd(
            display=display,
            endpoint=endpoint,
            observed=display in observed,
            schedule=schedules.get(display, "runs now and then" if _RUNS_ENDING.search(display) else ""),
        )
        for display, endpoint in dict.fromkeys(sorted(pairs, key=lambda pair: (pair[0], repr(pair[1]))))
    )


def _in_cluster(endpoint: JudgedEndpoint, cluster: str) -> JudgedEndpoint:
    return replace(endpoint, cluster=cluster) if isinstance(endpoint, PodEndpoint) else endpoint
