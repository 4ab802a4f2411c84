"""Which group does a workload belong to, can a selector name it, and may it be isolated?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.model.edge import WorkloadEnd
from recommender.model.gap import Gap, Severity
from recommender.model.isolation import may_be_isolated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.edge import End, Workload
    from recommender.model.group import Group

GroupKey = tuple[str, str, str]
"""Cluster, namespace and name: what makes a group unique."""


def key_of(group: Group) -> GroupKey:
    """What makes the group unique, cheap to hash."""
    return (group.cluster, group.namespace, group.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDirectory:
    """The groups of a run by member, and which of them can be named and governed."""

    groups: Mapping[GroupKey, Group]
    by_member: Mapping[WorkloadEnd, Group]
    named: frozenset[GroupKey]
    """Groups that a selector can name as a peer."""
    governed: frozenset[GroupKey]
    """Groups that get a policy: named, recorded by the nodes that they run on, and with all their flows selected."""
    partly_selected: frozenset[GroupKey]
    """Groups of which the selection leaves out flows."""

    @classmethod
    def of(cls, groups: Iterable[Group], workloads: Iterable[Workload]) -> GroupDirectory:
        """Index the groups.

        A group whose members all run in the host network cannot be named: Cilium knows their pods only as nodes
        (hubble-quirks 33).
        """
        known = {workload.end: workload for workload in workloads}
        ordered = sorted(groups, key=key_of)
        any_local = any(workload.observed_locally for workload in known.values())
        named = {key_of(group) for group in ordered if group.selector and not _only_host_network(group, known)}
        governed = {
            key_of(group)
            for group in ordered
            if key_of(group) in named and may_be_isolated(_known_members(group, known), any_local=any_local)
        }
        return cls(
            groups={key_of(group): group for group in ordered},
            by_member={member: group for group in ordered for member in group.members},
            named=frozenset(named),
            governed=frozenset(governed),
            partly_selected=frozenset(key_of(group) for group in ordered if _partly_selected(group, known)),
        )

    def group_of(self, end: End) -> Group | None:
        """The group of an end, if it is a workload that belongs to one."""
        return self.by_member.get(end) if isinstance(end, WorkloadEnd) else None

    def governed_group_of(self, end: End) -> Group | None:
        """The group of an end, if it gets a policy."""
        group = self.group_of(end)
        return group if group and key_of(group) in self.governed else None

    @property
    def governed_groups(self) -> tuple[Group, ...]:
        """Groups that get a policy, sorted."""
        return tuple(self.groups[key] for key in sorted(self.governed))

    @property
    def named_groups(self) -> tuple[Group, ...]:
        """Groups that a rule can name, sorted."""
        return tuple(self.groups[key] for key in sorted(self.named))


def unobserved_gaps(directory: GroupDirectory) -> tuple[Gap, ...]:
    """NPR302: groups that could be isolated but whose own nodes never reported."""
    return tuple(
        Gap(
            code="NPR302",
            title="Workload seen from the far side only",
            severity=Severity.HIGH,
            subject=group.display,
            reason="its node never reported; only its peers' nodes recorded some of its traffic",
            impact="Isolating it would cut traffic that nobody saw, so it gets no policy and stays open.",
            action="Capture on every node (kubectl -n kube-system get pods -l k8s-app=cilium -o wide), then run again.",
            count=len(group.members),
            examples=tuple(str(member) for member in group.members[:3]),
        )
        for group in (directory.groups[key] for key in sorted(_unobserved(directory)))
    )


def partly_selected_gaps(directory: GroupDirectory) -> tuple[Gap, ...]:
    """NPR314: groups without a policy because the selection flags leave out some of their flows."""
    groups = [directory.groups[key] for key in sorted(directory.partly_selected & directory.named)]
    if not groups:
        return ()
    gap = Gap(
        code="NPR314",
        title="Only part of its flows was selected",
        severity=Severity.MEDIUM,
        subject="selection flags",
        reason=f"groups of which the selection leaves out some or all flows: {len(groups)}",
        impact="Isolating them by the selected part would cut the rest, so they get no policy and stay open.",
        action="Run once more without selection flags, or with flags that take in all flows of these groups.",
        count=len(groups),
        examples=tuple(group.display for group in groups[:3]),
        facts=tuple(group.display for group in groups),
    )
    return (gap,)


def _unobserved(directory: GroupDirectory) -> frozenset[GroupKey]:
    return directory.named - directory.governed - directory.partly_selected


def _partly_selected(group: Group, known: Mapping[WorkloadEnd, Workload]) -> bool:
    return any(member in known and known[member].partly_selected for member in group.members)


def _only_host_network(group: Group, known: Mapping[WorkloadEnd, Workload]) -> bool:
    return bool(group.members) and all(member in known and known[member].host_network for member in group.members)


def _known_members(group: Group, known: Mapping[WorkloadEnd, Workload]) -> list[Workload]:
    return [known[member] for member in group.members if member in known]
