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


def releases(workload: Workload) -> int:
    """Changes of its pod template within the window.

    Of a Deployment, from the template hashes in its pods' names; of others, from their label sets, unless those differ
    from pod to pod, as a StatefulSet's do where the pod's name is part of its identity.
    """
    hashes = {found.group(1) for pod in workload.pods if (found := _REPLICA.search(pod))}
    if hashes:
        return len(hashes) - 1
    label_sets = len(workload.label_sets)
    return label_sets - 1 if 1 < label_sets < len(workload.pods) else 0


def most_releases(workloads: Iterable[Workload | None]) -> int:
    """Of several workloads, the most that one of them had."""
    return max((releases(workload) for workload in workloads if workload), default=0)
