"""All known pods of one namespace by label, to check a selector against every one of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from recommender.group.roles import owner_aliases

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.group.subject import Subject
    from recommender.model.group import Requirement
    from recommender.model.inventory import Inventory

DEFAULT_ACCOUNT = "default"
"""What a pod template that names no service account runs as (Kubernetes, ServiceAccount admission)."""

_MAY_LACK_LABELS = frozenset({"Job", "CronJob"})
"""The others must label their pods, as their selector asks for it: a template of theirs without labels is unknown."""
Owner = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Pods of one owner as the inventory describes them."""

    owner: Owner
    labels: tuple[tuple[str, str], ...]
    service_account: str
    pods: frozenset[str]
    """Names; empty for a pod template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceIndex:
    """Which label sets carry a label; a set of label sets is the bits of an integer, so that checks are one AND."""

    owners: tuple[str, ...]
    """`Kind/name` of each label set."""
    subjects: tuple[Subject, ...]
    """The workload of each label set seen in flows; these come first."""
    by_label: Mapping[tuple[str, str], int]
    by_account: Mapping[str, int]
    """Under the empty text: pods of the inventory whose account is not given; they may run as any."""
    by_subject: Mapping[Subject, int]
    """Label sets seen in flows."""
    described: Mapping[Subject, int]
    """Label sets that the inventory gives to the same owner."""
    seen: int
    everything: int

    @property
    def described_in_full(self) -> bool:
        """Whether the inventory lists pods of the namespace, so that those without flows are known too."""
        return self.everything != self.seen

    def members(self, subjects: Iterable[Subject]) -> int:
        """Label sets of these workloads, seen and described."""
        return reduce(or_, (self.by_subject[one] | self.described[one] for one in subjects), 0)

    def having(self, key: str, values: Iterable[str]) -> int:
        """Label sets whose `key` has one of the values."""
        return reduce(or_, (self.by_label.get((key, value), 0) for value in values), 0)

    def carrying(self) -> dict[str, int]:
        """Label sets that carry a key with any value, by key."""
        found: defaultdict[str, int] = defaultdict(int)
        for (key, _), bits in self.by_label.items():
            found[key] |= bits
        return dict(found)

    def selected_by(self, requirement: Requirement) -> int:
        """Label sets that meet a requirement."""
        key, values = requirement.key, requirement.values
        carried = self.having(key, values) if values else self.carrying().get(key, 0)
        return self.everything & ~carried if requirement.absent else carried

    def subjects_of(self, bits: int) -> frozenset[Subject]:
        """The workloads whose label sets, seen in flows, are among these."""
        return frozenset(self.subjects[row] for row in set_bits(bits & self.seen))

    def running_as(self, account: str) -> int:
        """Label sets whose pods run, or may run, as this service account."""
        return self.by_account.get(account, 0) | self.by_account.get("", 0)

    def owners_of(self, bits: int) -> tuple[str, ...]:
        """`Kind/name` of the owners of these label sets, sorted."""
        return tuple(sorted({self.owners[row] for row in set_bits(bits)}))


def set_bits(bits: int) -> Iterable[int]:
    """Positions of the ones, ascending."""
    digits = f"{bits:b}"[::-1]
    position = digits.find("1")
    while position >= 0:
        yield position
        position = digits.find("1", position + 1)


def describe(inventory: Inventory) -> dict[str, tuple[Described, ...]]:
    """What the inventory says about pods and pod templates on the pod network, by namespace."""
    grouped: defaultdict[tuple[str, Owner, tuple[tuple[str, str], ...], str], set[str]] = defaultdict(set)
    for pod in inventory.pods:
        if not pod.host_network:
            owner = (pod.owner_kind, pod.owner_name) if pod.owner_name else ("Pod", pod.name)
            grouped[(pod.namespace, owner, tuple(sorted(pod.labels)), pod.service_account)].add(pod.name)
    for workload in inventory.workloads:
        if not workload.host_network and (workload.template_labels or workload.kind in _MAY_LACK_LABELS):
            owner = (workload.kind, workload.name)
            labels = tuple(sorted(workload.template_labels))
            account = workload.service_account or DEFAULT_ACCOUNT
            grouped.setdefault((workload.namespace, owner, labels, account), set())
    found: defaultdict[str, list[Described]] = defaultdict(list)
    for (namespace, owner, labels, account), pods in sorted(grouped.items()):
        found[namespace].append(Described(owner=owner, labels=labels, service_account=account, pods=frozenset(pods)))
    return {namespace: tuple(rows) for namespace, rows in found.items()}


def index_namespace(subjects: Sequence[Subject], described: Sequence[Described]) -> NamespaceIndex:
    """Index the label sets of one namespace: those seen first, then those the inventory adds."""
    keys = {key for subject in subjects for key, _ in subject.usable}
    index = _Rows(keys)
    by_subject = {
        subject: sum(index.add(str(subject), labels, account or None) for labels, account in subject.rows)
        for subject in subjects
    }
    seen = index.everything
    owner_of_pod = {name: one.owner for one in described for name in one.pods}
    by_owner: defaultdict[Owner, int] = defaultdict(int)
    for one in described:
        by_owner[one.owner] |= index.add("/".join(one.owner), dict(one.labels), one.service_account)
    own = {subject: _described_bits(subject, by_owner, owner_of_pod) for subject in subjects}
    return NamespaceIndex(
        owners=tuple(index.owners),
        subjects=tuple(subject for subject in subjects for _ in subject.rows),
        by_label=index.by_label,
        by_account=index.by_account,
        by_subject=by_subject,
        described=own,
        seen=seen,
        everything=index.everything,
    )


def _described_bits(subject: Subject, by_owner: Mapping[Owner, int], owner_of_pod: Mapping[str, Owner]) -> int:
    owners = set(owner_aliases(subject.end.kind, subject.end.name))
    owners |= {owner_of_pod[pod] for pod in subject.pods if pod in owner_of_pod}
    return reduce(or_, (by_owner.get(owner, 0) for owner in owners), 0)


class _Rows:
    """Collects label sets; each gets the next bit."""

    def __init__(self, keys: set[str]) -> None:
        self.keys = keys
        self.owners: list[str] = []
        self.by_label: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.by_account: defaultdict[str, int] = defaultdict(int)

    @property
    def everything(self) -> int:
        return (1 << len(self.owners)) - 1

    def add(self, owner: str, labels: Mapping[str, str], account: str | None) -> int:
        bit = 1 << len(self.owners)
        self.owners.append(owner)
        for key, value in labels.items():
            if key in self.keys:
                self.by_label[(key, value)] |= bit
        if account is not None:
            self.by_account[account] |= bit
        return bit
