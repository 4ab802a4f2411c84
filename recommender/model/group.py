"""Communication groups: sets of workloads that one selector names and one policy governs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from recommender.model.edge import WorkloadEnd

LEAST_LIKENESS: Final = 0.35
"""Jaccard similarity from which workloads count as alike (scoring §8; set by hand on that simulator)."""
_FEWEST = 3
"""Of two that differ, neither is the odd one."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Requirement:
    """One key that a selector asks for: any of these values, or mere presence if there are none."""

    key: str
    values: tuple[str, ...]
    """Sorted; one value is written as `matchLabels`, several as `In`, none as `Exists`."""
    absent: bool = False
    """The opposite: pods that carry none of the values (`NotIn`), or, without values, not the key (`DoesNotExist`)."""

    def met_by(self, labels: dict[str, str]) -> bool:
        """Whether a pod with these labels meets it; a missing key meets every `absent` one, as in Kubernetes."""
        carried = self.key in labels and (not self.values or labels[self.key] in self.values)
        return carried is not self.absent

    def __str__(self) -> str:
        if not self.values:
            return f"!{self.key}" if self.absent else self.key
        return f"{self.key}{'!=' if self.absent else '='}{'|'.join(self.values)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Pod labels that name a group inside its namespace."""

    requirements: tuple[Requirement, ...]
    """Sorted by key; all must hold. None at all: every pod of the namespace."""
    service_account: str = ""
    """Set only when no pod label tells the group apart; only Cilium's and Calico's dialects can say it."""

    def matches(self, labels: dict[str, str], service_account: str = "") -> bool:
        """Whether a pod of the group's namespace with these labels is selected."""
        if self.service_account and service_account != self.service_account:
            return False
        return all(requirement.met_by(labels) for requirement in self.requirements)

    def __str__(self) -> str:
        parts = [str(requirement) for requirement in self.requirements]
        if self.service_account:
            parts.append(f"serviceaccount={self.service_account}")
        return ",".join(parts) or "every pod"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorProof:
    """What the selector was checked against."""

    members_matched: int
    """Label sets of members that it selects: all of them."""
    others_checked: int
    """Other known label sets of the namespace, none of which it selects."""
    near_misses: tuple[str, ...] = ()
    """Workloads that miss by one requirement only, sorted; at most five."""
    dropped_keys: tuple[tuple[str, str], ...] = ()
    """(label key, why it may not be used in a selector), sorted."""


class GroupOrigin(StrEnum):
    """How a group came about."""

    WORKLOAD = "workload"
    """One workload, told apart by its labels."""
    SHARED_LABELS = "shared-labels"
    """Several workloads with the same role labels and like behaviour."""
    INDISTINGUISHABLE = "indistinguishable"
    """Several workloads that no label tells apart."""
    SERVICE_ACCOUNT = "service-account"
    """Told apart by service account only."""
    LACK = "lack"
    """Told apart by what its labels lack only; several workloads then share it."""
    UNSELECTABLE = "unselectable"
    """No selector can name it: it gets no policy, and a gap says so."""
    NAMESPACE = "namespace"
    """All pods of a namespace but those held apart, seen or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Workloads that one selector names and one policy governs."""

    name: str
    """A DNS label; unique within cluster and namespace; depends only on the members' labels and owners."""
    cluster: str = ""
    namespace: str
    members: tuple[WorkloadEnd, ...]
    """Sorted."""
    origin: GroupOrigin
    selector: Selector | None
    """None exactly when `origin` is UNSELECTABLE."""
    proof: SelectorProof | None = None
    cohesion: float | None = field(default=None, compare=False)
    """Mean Jaccard similarity of the members' peers, 0 to 1; None for a single member."""
    likeness: tuple[float | None, ...] = field(default=(), compare=False)
    """Of each of `members`, in their order: mean Jaccard similarity of its peers and ports with those of each other
    member, 0 to 1; None for a member without traffic, or with nobody to compare. Their mean is `cohesion`."""
    sensitive: bool = False
    """Whether a member was marked as sensitive: its policy names every peer at the level of workloads."""

    @property
    def group_id(self) -> str:
        """Stable over changes of its traffic: depends on cluster, namespace and selector only."""
        text = f"{self.cluster}\n{self.namespace}\n{self.selector or self.name}"
        return hashlib.blake2b(text.encode(), digest_size=3).hexdigest()

    @property
    def outliers(self) -> tuple[WorkloadEnd, ...]:
        """Members that behave unlike the rest: likeness below `LEAST_LIKENESS`, while most members reach it.

        Among fewer than three that can be compared, or where most are unlike each other, nobody is the odd one.
        """
        told = [likeness for likeness in self.likeness if likeness is not None]
        low = sum(likeness < LEAST_LIKENESS for likeness in told)
        if len(told) < _FEWEST or 2 * low >= len(told):
            return ()
        pairs = zip(self.members, self.likeness, strict=True)
        return tuple(member for member, likeness in pairs if likeness is not None and likeness < LEAST_LIKENESS)

    @property
    def display(self) -> str:
        """`namespace/name`, with the cluster in front where there is one."""
        prefix = f"{self.cluster}/" if self.cluster else ""
        return f"{prefix}{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The workloads of a run put into groups, at the levels that were asked for."""

    groups: tuple[Group, ...]
    """Every workload that is not on the host network in exactly one; sorted by cluster, namespace and name."""
    finest: tuple[Group, ...] = ()
    """The same workloads at the level of workloads, sorted alike; empty where no policy asks for it.

    A sensitive group stands in both; no other group has the name of a different one in `groups`.
    """
