"""Candidate groups: workloads that stand together before anyone knows whether a selector can name them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.model.group import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.group.subject import Scope, Subject
    from recommender.model.edge import WorkloadEnd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """Workloads of one namespace that may become one group."""

    members: tuple[Subject, ...]
    """Sorted by end, at least one."""

    @classmethod
    def of(cls, members: Iterable[Subject]) -> Candidate:
        """Put the members into their order."""
        return cls(members=tuple(sorted(members, key=lambda one: one.end)))

    @property
    def ends(self) -> tuple[WorkloadEnd, ...]:
        """The members' ends, sorted."""
        return tuple(member.end for member in self.members)

    @property
    def scope(self) -> Scope:
        """Cluster and namespace of all members."""
        return self.members[0].scope

    @property
    def service_account(self) -> str:
        """The account that all members run as, or the empty text."""
        accounts = {member.service_account for member in self.members}
        return accounts.pop() if len(accounts) == 1 else ""

    @property
    def unsteady(self) -> frozenset[str]:
        """Usable keys that change inside another workload of the namespace."""
        return frozenset(key for member in self.members for key in member.unsteady)

    def requirements(self) -> tuple[Requirement, ...]:
        """All that its members' usable labels have in common: keys on every member, with the values they take."""
        values: defaultdict[str, set[str]] = defaultdict(set)
        holders: defaultdict[str, int] = defaultdict(int)
        for member in self.members:
            for key, value in member.usable:
                values[key].add(value)
                holders[key] += 1
        shared = sorted(key for key, count in holders.items() if count == len(self.members))
        return tuple(Requirement(key=key, values=tuple(sorted(values[key]))) for key in shared)

    def apart(self) -> tuple[Candidate, ...]:
        """Each member alone."""
        return tuple(Candidate(members=(member,)) for member in self.members)


def candidates_by_labels(subjects: Sequence[Subject]) -> list[Candidate]:
    """Put together the workloads of one namespace whose usable labels are the same: no label tells them apart.

    If each of them has a known service account, the account tells them apart as far as it can. Workloads without any
    usable label stand together by account only, and alone without one. The order of the result is by first member.
    """
    buckets: defaultdict[tuple[tuple[str, str], ...], list[Subject]] = defaultdict(list)
    for subject in subjects:
        buckets[subject.usable].append(subject)
    found = [part for usable, members in buckets.items() for part in _split_by_account(members, labelled=bool(usable))]
    return sorted(found, key=lambda one: one.ends)


def _split_by_account(members: Sequence[Subject], *, labelled: bool) -> list[Candidate]:
    by_account: defaultdict[str, list[Subject]] = defaultdict(list)
    for member in members:
        by_account[member.service_account].append(member)
    unknown = by_account.pop("", [])
    if not labelled:
        alone = [Candidate(members=(member,)) for member in unknown]
        return alone + [Candidate.of(part) for part in by_account.values()]
    if unknown:
        return [Candidate.of(members)]
    return [Candidate.of(part) for part in by_account.values()]
