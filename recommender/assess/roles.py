"""Which workloads play the same role, wherever they run?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.edge import End, Workload

_ROLE_KEYS: Final = ("app.kubernetes.io/name", "app", "k8s-app")
"""Labels by which charts and people name a role (Kubernetes docs: "Recommended Labels")."""
_PART_KEYS: Final = ("app.kubernetes.io/component", "component")


def role_names(workloads: Iterable[Workload]) -> dict[WorkloadEnd, str]:
    """The role of every workload: its role label with its component, or else its name.

    Copies of a workload in other namespaces or clusters have the same role; that is the point.
    """
    return {workload.end: _role(workload) for workload in workloads}


def role_of_end(end: End, roles: Mapping[WorkloadEnd, str]) -> str:
    """The role of a workload, or the name of any other end."""
    return roles.get(end, end.name) if isinstance(end, WorkloadEnd) else str(end)


def _role(workload: Workload) -> str:
    name = _shared_value(workload, _ROLE_KEYS)
    if not name:
        return workload.end.name
    part = _shared_value(workload, _PART_KEYS)
    return f"{name}/{part}" if part else name


def _shared_value(workload: Workload, keys: tuple[str, ...]) -> str:
    """The value of the first of these labels that all its label sets agree on."""
    for key in keys:
        values = {labels.pod_labels.get(key, "") for labels in workload.label_sets}
        if len(values) == 1 and (value := values.pop()):
            return value
    return ""
