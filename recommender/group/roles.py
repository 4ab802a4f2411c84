"""What a workload is for: its role labels, its owner's name without rollout marks, and the rank of label keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROLE_KEYS = (
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "app.kubernetes.io/instance",
    "app",
    "component",
    "k8s-app",
    "name",
    "role",
    "tier",
    "run",
    "service",
    "app-name",
    "application",
    "microservice",
)
"""Keys that say what a pod is for, best first (Kubernetes recommended labels, then common practice)."""

_NAME_KEYS = ("app.kubernetes.io/name", "app", "k8s-app", "name", "app-name", "application", "microservice")
_PART_KEYS = ("app.kubernetes.io/component", "component", "role", "tier", "service", "run")

WEAK_KEYS = frozenset(
    {
        "app.kubernetes.io/part-of",
        "app.kubernetes.io/managed-by",
        "app.kubernetes.io/created-by",
        "heritage",
        "release",
        "environment",
        "env",
        "team",
        "owner",
        "project",
        "stage",
        "track",
    }
)
"""Stable keys that say little about the role of a pod: asked for only when nothing better separates."""

OWNERLESS = "LabelSet"
"""Kind of a workload of which only the labels are known."""

_FAMILIES = {
    "ReplicaSet": "replicas",
    "ReplicationController": "replicas",
    "Deployment": "replicas",
    "DeploymentConfig": "replicas",
    "Rollout": "replicas",
    "Job": "job",
    "CronJob": "job",
}
_ROLLOUT_MARK = re.compile(r"-(?:v\d+|canary|stable|baseline|primary|preview|active|blue|green)$")
_REPLICASET_HASH = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{8,10}$")
_JOB_MARK = re.compile(r"-(?:\d+|(?=[a-z]*\d)[bcdfghjklmnpqrstvwxz2456789]{5})$")
_POD_MARK = re.compile(r"(?:-[bcdfghjklmnpqrstvwxz2456789]{8,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$|-\d+$")
_CRON_RUN = re.compile(r"-\d{8,10}$")


def key_rank(key: str) -> tuple[int, int, str]:
    """Order keys for selectors: role keys by priority, then any other key by name, then the weak ones."""
    if key in ROLE_KEYS:
        return (0, ROLE_KEYS.index(key), key)
    return (2 if key in WEAK_KEYS else 1, 0, key)


def role_labels(usable: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """All role labels among usable ones, sorted by key; two workloads play one role only if all are equal."""
    return tuple(sorted((key, value) for key, value in usable if key in ROLE_KEYS))


def role_name(roles: Iterable[tuple[str, str]]) -> str:
    """A speaking name from role labels, such as `shop-web`; the empty text if there are none."""
    labels = dict(roles)
    name = next((labels[key] for key in _NAME_KEYS if labels.get(key)), "")
    part = next((labels[key] for key in _PART_KEYS if labels.get(key)), "")
    if not name or not part or part in name.split("-"):
        return name or part or labels.get("app.kubernetes.io/instance", "")
    return part if name in part.split("-") else f"{name}-{part}"


def family(kind: str) -> str:
    """Kinds that may own pods of one role at different times share a family."""
    return _FAMILIES.get(kind, kind)


def instance_stem(kind: str, name: str) -> str:
    """The owner's name without what its controller appended: a ReplicaSet's hash, a Job's run, a bare Pod's suffix."""
    match kind:
        case "ReplicaSet":
            shorter = _REPLICASET_HASH.sub("", name)
        case "Job":
            shorter = _JOB_MARK.sub("", name)
        case "Pod":
            shorter = _POD_MARK.sub("", name)
        case _:
            shorter = name
    return shorter or name


def role_stem(kind: str, name: str) -> str:
    """The instance stem without a rollout mark (`-v2`, `-canary`, `-blue` …): equal for the sides of one rollout."""
    if kind == OWNERLESS:
        return ""
    stem = instance_stem(kind, name)
    return _ROLLOUT_MARK.sub("", stem) or stem


def owner_aliases(kind: str, name: str) -> frozenset[tuple[str, str]]:
    """The (kind, name) pairs under which an inventory may list the owner of this workload's pods."""
    aliases = {(kind, name)}
    stem = instance_stem(kind, name)
    if kind == "ReplicaSet" and stem != name:
        aliases |= {("Deployment", stem), ("Rollout", stem)}
    if kind == "Job" and _CRON_RUN.search(name):
        aliases.add(("CronJob", _CRON_RUN.sub("", name)))
    return frozenset(aliases)
