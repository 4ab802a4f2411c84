"""The way from workloads to communication groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from recommender.group import findings, level_findings
from recommender.group.behaviour import observe_behaviour
from recommender.group.candidate import Candidate, candidates_by_labels
from recommender.group.gap_text import MOST_EXAMPLES
from recommender.group.last_resort import by_lack, name_the_rest
from recommender.group.likeness import cohesion, likeness_of_each
from recommender.group.merging import merge_roles, name_candidates, one_role
from recommender.group.namespace_index import describe, index_namespace
from recommender.group.naming import unique_names
from recommender.group.roles import family, instance_stem
from recommender.group.selectors import overlap
from recommender.group.subject import make_subjects
from recommender.group.volatile import valid_namespace
from recommender.model.group import Group, GroupOrigin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from recommender.group.behaviour import Behaviour
    from recommender.group.namespace_index import NamespaceIndex
    from recommender.group.selectors import Named
    from recommender.group.subject import Subject
    from recommender.model.edge import Edge, Workload
    from recommender.model.gap import Gap
    from recommender.model.inventory import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Formed:
    """One group and what is doubtful about it."""

    group: Group
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Space:
    """One namespace of one cluster, and all that its groups are formed by."""

    subjects: tuple[Subject, ...]
    """Sorted by end, at least one."""
    index: NamespaceIndex
    behaviour: Behaviour
    accounts: bool = True
    """Whether a selector may ask for a service account."""

    @property
    def nameable(self) -> bool:
        """Whether a manifest can stand in it at all: its name comes from the capture, and may be anything."""
        return valid_namespace(self.subjects[0].end.namespace)


def form_groups(
    workloads: Sequence[Workload], edges: Sequence[Edge], *, inventory: Inventory, accounts: bool = True
) -> tuple[tuple[Group, ...], tuple[Gap, ...]]:
    """Put every workload that is not on the host network into exactly one group, and name the group by a selector.

    Labels come first, behaviour second (the hybrid of scoring §8): workloads that labels tell apart are groups of their
    own unless role labels, owner and behaviour say that they are one role; workloads that no label tells apart share a
    group, told apart by service account where that is possible. A group never crosses a namespace or cluster. The
    inventory describes one cluster but does not say which: it is held against a namespace of its name in every cluster.
    Without `accounts`, workloads that only a service account tells apart share a group, where a selector names it.
    Groups come sorted by cluster, namespace and name, gaps by severity; neither depends on the order given.
    """
    formed = [
        one
        for space in spaces_of(workloads, edges, inventory, accounts=accounts)
        for one in form_in(space, space.subjects)
    ]
    return in_order(formed, host_network_gaps(workloads))


def spaces_of(
    workloads: Sequence[Workload], edges: Sequence[Edge], inventory: Inventory, *, accounts: bool = True
) -> tuple[Space, ...]:
    """The namespaces of the workloads that have a pod network of their own, sorted by cluster and name."""
    subjects = make_subjects(workloads)
    behaviour = observe_behaviour(subjects, edges)
    described = describe(inventory)
    spaces = []
    for (_, namespace), found in groupby(subjects, key=lambda one: one.scope):
        own = tuple(found)
        index = index_namespace(own, described.get(namespace, ()))
        spaces.append(Space(subjects=own, index=index, behaviour=behaviour, accounts=accounts))
    return tuple(spaces)


def host_network_gaps(workloads: Iterable[Workload]) -> tuple[Gap, ...]:
    """NPR205 for every workload that no group can hold."""
    return tuple(findings.on_host_network(end) for end in sorted({one.end for one in workloads if one.host_network}))


def in_order(formed: Iterable[Formed], more: Iterable[Gap] = ()) -> tuple[tuple[Group, ...], tuple[Gap, ...]]:
    """The groups by cluster, namespace and name, and all gaps by severity."""
    found = tuple(formed)
    groups = sorted((one.group for one in found), key=lambda one: (one.cluster, one.namespace, one.name))
    gaps = (*(gap for one in found for gap in one.gaps), *more)
    return tuple(groups), tuple(sorted(gaps, key=lambda one: one.sort_key))


def form_in(
    space: Space, subjects: Sequence[Subject], *, apart: bool = False, taken: AbstractSet[str] = frozenset()
) -> list[Formed]:
    """Put these workloads of a namespace into groups; every selector is held against all that is known of it.

    With `apart`, workloads share a group only where no selector tells them apart, whatever their role (NPR206). The
    groups get names that are not among those `taken`.
    """
    index, behaviour = space.index, space.behaviour
    candidates = candidates_by_labels(subjects)
    if not apart:
        candidates = merge_roles(candidates, behaviour, index)
    named, unnamed = name_candidates(candidates, behaviour, index, apart=apart)
    named, unnamed = name_the_rest(named, unnamed, index, accounts=space.accounts)
    if not space.nameable:
        named, unnamed = {}, candidates
    alone = [part for candidate in unnamed for part in candidate.apart()]
    names = unique_names([*named, *alone], taken)
    formed: list[Formed] = []
    for candidate, found in named.items():
        role = len(candidate.members) == 1 or one_role(candidate, behaviour)
        group = _group(candidate, names[candidate], behaviour, found, _origin(candidate, found, same_role=role))
        doubts = _lumped(group, candidate) if apart else _ambiguous(group, candidate, same_role=role)
        formed.append(Formed(group=group, gaps=(*doubts, *_inexact(group, found))))
    for candidate in alone:
        group = _group(candidate, names[candidate], behaviour, None, GroupOrigin.UNSELECTABLE)
        rivals = index.owners_of(overlap(candidate, index))[:MOST_EXAMPLES]
        formed.append(Formed(group=group, gaps=(findings.unselectable(group, candidate.members[0], rivals),)))
    return formed


def _group(candidate: Candidate, name: str, behaviour: Behaviour, found: Named | None, origin: GroupOrigin) -> Group:
    cluster, namespace = candidate.scope
    profiles = [behaviour.everything.get(end, frozenset()) for end in candidate.ends]
    return Group(
        name=name,
        cluster=cluster,
        namespace=namespace,
        members=candidate.ends,
        origin=origin,
        selector=found.selector if found else None,
        proof=found.proof if found else None,
        cohesion=cohesion(profiles),
        likeness=likeness_of_each(profiles),
    )


def _origin(candidate: Candidate, found: Named, *, same_role: bool) -> GroupOrigin:
    if by_lack(found.selector):
        return GroupOrigin.LACK
    if found.selector.service_account:
        return GroupOrigin.SERVICE_ACCOUNT
    if len(candidate.members) == 1:
        return GroupOrigin.WORKLOAD
    return GroupOrigin.SHARED_LABELS if same_role else GroupOrigin.INDISTINGUISHABLE


def _ambiguous(group: Group, candidate: Candidate, *, same_role: bool) -> tuple[Gap, ...]:
    return () if same_role else (findings.ambiguous(group, candidate),)


def _lumped(group: Group, candidate: Candidate) -> tuple[Gap, ...]:
    """NPR206, unless the members are runs, revisions or pods of one owner."""
    instances = {
        (family(member.end.kind), instance_stem(member.end.kind, member.end.name))
        for member in candidate.members
        if not member.ownerless
    }
    return (level_findings.lumped(group, candidate.members),) if len(instances) > 1 else ()


def _inexact(group: Group, found: Named) -> tuple[Gap, ...]:
    more = (findings.selects_more(group, found.also_selects),) if found.also_selects else ()
    less = (findings.selects_less(group, found.misses),) if found.misses else ()
    return (*more, *less)
