"""How often is a workload released? Counted from what the window shows of its pods."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.edge import Workload

_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
_REPLICA: Final = re.compile(rf"-([{_LETTERS}]{{6,10}})-[{_LETTERS}]{{5}}$")
"""A Deployment's pod: name, hash of the pod template, five letters (Kubernetes' `SafeEncodeString` alphabet)."""


_REVISION_KEYS: Final = ("pod-template-hash", "controller-revision-hash")
"""Labels that Deployments, StatefulSets and DaemonSets give the pods of one template (Kubernetes docs, "Well-Known
Labels"); Cilium leaves them out of identities unless told otherwise."""
_ONCE_ONLY: Final = frozenset({"Job", "CronJob", "Pod"})
"""Kinds each of whose pods is new by design."""


def releases(workload: Workload) -> int:
    """Changes of its pod template within the window, as far as names and labels show them.

    Of a Deployment, from the template hashes in its pods' names; of others, from the labels that name a revision.
    """
    if workload.end.kind in _ONCE_ONLY:
        return 0
    if workload.end.kind == "Deployment":
        hashes = {found.group(1) for pod in workload.pods if (found := _REPLICA.search(pod))}
    else:
        hashes = {
            value for labels in workload.label_sets for key in _REVISION_KEYS if (value := labels.pod_labels.get(key))
        }
    return max(len(hashes) - 1, 0)


def most_releases(workloads: Iterable[Workload | None]) -> int:
    """Of several workloads, the most that one of them had."""
    return max((releases(workload) for workload in workloads if workload), default=0)
