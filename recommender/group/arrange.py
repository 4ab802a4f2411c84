"""Groups at the levels that were asked for: namespaces, roles or workloads, and sensitive workloads always alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.group import level_findings
from recommender.group.form import Formed, form_in, host_network_gaps, in_order, spaces_of
from recommender.group.naming import with_digest
from recommender.group.sensitive import mark_sensitive
from recommender.group.whole_namespace import select_rest, whole_namespace
from recommender.model.gap import Severity
from recommender.model.granularity import Granularity
from recommender.model.group import Grouping
from recommender.model.isolation import may_be_isolated
from recommender.model.system_namespace import is_system_namespace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.group.form import Space
    from recommender.group.sensitive import Marked
    from recommender.group.subject import Subject
    from recommender.model.edge import Edge, Workload, WorkloadEnd
    from recommender.model.gap import Gap
    from recommender.model.group import Group
    from recommender.model.inventory import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What holds for every namespace of a run."""

    granularity: Granularity
    marked: Marked
    workloads: Mapping[WorkloadEnd, Workload]
    any_local: bool
    inventory_given: bool
    with_finest: bool

    def may_be_isolated(self, group: Group) -> bool:
        members = [self.workloads[end] for end in group.members if end in self.workloads]
        return may_be_isolated(members, any_local=self.any_local)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arranged:
    """The groups of one namespace."""

    formed: tuple[Formed, ...]
    finest: tuple[Group, ...] = ()
    gaps: tuple[Gap, ...] = ()


def arrange_groups(
    workloads: Sequence[Workload],
    edges: Sequence[Edge],
    *,
    inventory: Inventory,
    granularity: Granularity = Granularity.GROUP,
    sensitive: Sequence[str] = (),
    told_by: str = "sensitive",
    with_finest: bool = False,
    accounts: bool = True,
) -> tuple[Grouping, tuple[Gap, ...]]:
    """Put every workload that is not on the host network into exactly one group of the level that it is to have.

    A sensitive workload stands alone as at the level of workloads, with the same selector, and no coarser group's
    selector selects it: policies add up, so one that did would open it. At the level of namespaces, system namespaces,
    workloads that must not be isolated, and namespaces whose sensitive workloads no selector leaves out keep groups.

    Args:
        workloads: Every workload seen.
        edges: All edges, for behaviour.
        inventory: Held against selectors; names pods that no flow shows.
        granularity: The level of all that is not sensitive.
        sensitive: Names of namespaces, and labels as `key=value`.
        told_by: Where `sensitive` comes from, for the error.
        with_finest: Whether the workload level is wanted besides, even without a sensitive workload.
        accounts: Whether the policies' API can select by service account.

    Raises:
        UsageError: A sensitive value that matches nothing.
    """
    marked = mark_sensitive(sensitive, workloads, inventory, told_by=told_by)
    plan = _Plan(
        granularity=granularity,
        marked=marked,
        workloads={workload.end: workload for workload in workloads},
        any_local=any(workload.observed_locally for workload in workloads),
        inventory_given=inventory.given,
        with_finest=(with_finest or bool(marked.ends)) and granularity is not Granularity.WORKLOAD,
    )
    arranged = [_arrange(space, plan) for space in spaces_of(workloads, edges, inventory, accounts=accounts)]
    more = (
        *host_network_gaps(workloads),
        *(level_findings.sensitive_but_unseen(value) for value in marked.unseen),
        *(gap for one in arranged for gap in one.gaps),
    )
    groups, gaps = in_order((formed for one in arranged for formed in one.formed), more)
    finest, _ = in_order(Formed(group=group) for one in arranged for group in one.finest)
    return Grouping(groups=groups, finest=finest), gaps


def _arrange(space: Space, plan: _Plan) -> _Arranged:
    if plan.granularity is Granularity.WORKLOAD:
        return _Arranged(formed=tuple(_marked(one, plan) for one in form_in(space, space.subjects, apart=True)))
    apart = [_marked(one, plan) for one in form_in(space, space.subjects, apart=True)] if plan.with_finest else []
    held = [one for one in apart if one.group.sensitive]
    alone = {end for one in held for end in one.group.members}
    rest = [subject for subject in space.subjects if subject.end not in alone]
    coarse, gaps = _arrange_rest(space, plan, rest, held)
    formed = (*held, *coarse)
    return _Arranged(
        formed=formed,
        finest=_named_apart((one.group for one in apart), [one.group for one in formed]),
        gaps=(*gaps, *_still_shared(rest, coarse, plan)),
    )


def _marked(formed: Formed, plan: _Plan) -> Formed:
    """The group, sensitive if a member is and a selector names it; what is doubtful about it then weighs more."""
    group = formed.group
    if group.selector is None or plan.marked.ends.isdisjoint(group.members):
        return formed
    gaps = (replace(gap, severity=Severity.HIGH) if gap.code == "NPR206" else gap for gap in formed.gaps)
    return Formed(group=replace(group, sensitive=True), gaps=tuple(gaps))


def _arrange_rest(
    space: Space, plan: _Plan, rest: Sequence[Subject], held: Sequence[Formed]
) -> tuple[list[Formed], tuple[Gap, ...]]:
    """The groups of all that is not sensitive."""
    taken = frozenset(one.group.name for one in held)
    grouped = form_in(space, rest, taken=taken)
    if plan.granularity is not Granularity.NAMESPACE or not rest or not space.nameable:
        return grouped, ()
    cluster, namespace = rest[0].scope
    display = f"{cluster}/{namespace}" if cluster else namespace
    if is_system_namespace(namespace):
        return grouped, (level_findings.system_namespace(display, len(grouped)),)
    return _whole(space, plan, grouped, held, display)


def _whole(
    space: Space, plan: _Plan, grouped: list[Formed], held: Sequence[Formed], display: str
) -> tuple[list[Formed], tuple[Gap, ...]]:
    """One group for the namespace, but for those held apart and those that must not be isolated."""
    left_out = [one for one in grouped if not plan.may_be_isolated(one.group)]
    outside = {end for one in left_out for end in one.group.members}
    inside = {end for one in grouped for end in one.group.members} - outside
    members = [subject for subject in space.subjects if subject.end in inside]
    if not members:
        return grouped, ()
    apart = [one.group for one in (*held, *left_out)]
    found = None if any(group.selector is None for group in apart) else select_rest(space, members, apart)
    if found is None:
        return grouped, (level_findings.inseparable(display, apart, len(grouped)),)
    group = whole_namespace(space, members, found)
    if group.name in {one.name for one in apart}:
        group = with_digest(group)
    unseen = level_findings.isolates_unseen(group, found.also_selects, inventory_given=plan.inventory_given)
    return [*left_out, Formed(group=group)], (unseen,) if unseen else ()


def _still_shared(rest: Iterable[Subject], coarse: Iterable[Formed], plan: _Plan) -> tuple[Gap, ...]:
    """NPR206 for sensitive workloads that no selector of their own names and a coarser group holds."""
    home = {end: one.group for one in coarse if one.group.selector for end in one.group.members}
    return tuple(
        level_findings.without_own_selector(subject, home[subject.end])
        for subject in rest
        if subject.end in plan.marked.ends and subject.end in home
    )


def _named_apart(finest: Iterable[Group], governing: Sequence[Group]) -> tuple[Group, ...]:
    """The finest groups, each either one of the governing ones or with a name that none of these has."""
    alike = {(group.members, group.selector): group for group in governing}
    taken = {group.name for group in governing}
    result = []
    for group in finest:
        same = alike.get((group.members, group.selector))
        result.append(same or (with_digest(group) if group.name in taken else group))
    return tuple(result)
