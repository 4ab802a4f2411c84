"""A workload as grouping sees it: what a selector may use and what it is for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.group.hygiene import clean_labels, identity_rows, survey_keys
from recommender.group.roles import OWNERLESS, family, role_labels, role_stem
from recommender.group.volatile import valid_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.edge import Workload, WorkloadEnd

Scope = tuple[str, str]
"""Cluster and namespace: selectors never reach further."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """One workload that wants a policy, after label hygiene."""

    end: WorkloadEnd
    rows: tuple[tuple[Mapping[str, str], str], ...]
    """(pod labels, service account) of each identity seen."""
    usable: tuple[tuple[str, str], ...]
    """Labels that a selector may use, sorted."""
    roles: tuple[tuple[str, str], ...]
    """All its role labels, sorted."""
    unsteady: frozenset[str]
    """Usable keys that change inside another workload of the namespace: a last resort."""
    dropped: tuple[tuple[str, str], ...]
    service_account: str
    """The one service account of all its pods, or the empty text."""
    pods: tuple[str, ...]

    @property
    def scope(self) -> Scope:
        """Cluster and namespace."""
        return (self.end.cluster, self.end.namespace)

    @property
    def role_key(self) -> tuple[object, ...]:
        """Equal for workloads that may be one role: same role labels, account, owner family and owner stem."""
        end = self.end
        if not self.roles:
            return (self.scope, self.usable, self.service_account, end.kind, end.name)
        return (self.scope, self.roles, self.service_account, family(end.kind), role_stem(end.kind, end.name))

    @property
    def ownerless(self) -> bool:
        """Whether only its labels are known."""
        return self.end.kind == OWNERLESS

    def __str__(self) -> str:
        return f"{self.end.kind}/{self.end.name}"


def make_subjects(workloads: Sequence[Workload]) -> tuple[Subject, ...]:
    """Apply label hygiene to all workloads that have a pod network of their own; sorted by end."""
    pooled = [workload for workload in _pool(workloads) if not workload.host_network]
    survey = survey_keys(pooled)
    subjects = []
    for workload in pooled:
        end, clean, rows = workload.end, clean_labels(workload, survey), identity_rows(workload)
        accounts = {account for _, account in rows}
        account = accounts.pop() if len(accounts) == 1 else ""
        unsteady = frozenset(key for key, _ in clean.usable if (end.cluster, end.namespace, key) in survey.varying)
        subjects.append(
            Subject(
                end=end,
                rows=rows,
                usable=clean.usable,
                roles=role_labels(clean.usable),
                unsteady=unsteady,
                dropped=clean.dropped,
                service_account=account if valid_value(account) else "",
                pods=workload.pods,
            )
        )
    return tuple(subjects)


def _pool(workloads: Iterable[Workload]) -> list[Workload]:
    """One entry an end, sorted; label sets and pods of repeated ends are put together."""
    by_end: defaultdict[WorkloadEnd, list[Workload]] = defaultdict(list)
    for workload in workloads:
        by_end[workload.end].append(workload)
    return [_join(found) for _, found in sorted(by_end.items())]


def _join(found: Sequence[Workload]) -> Workload:
    label_sets = {label_set.digest: label_set for workload in found for label_set in workload.label_sets}
    return replace(
        found[0],
        label_sets=tuple(label_sets[digest] for digest in sorted(label_sets)),
        pods=tuple(sorted({pod for workload in found for pod in workload.pods})),
        host_network=any(workload.host_network for workload in found),
    )
