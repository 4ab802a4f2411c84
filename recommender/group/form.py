"""The way from workloads to communication groups."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from recommender.group import findings
from recommender.group.behaviour import observe_behaviour
from recommender.group.candidate import Candidate, candidates_by_labels
from recommender.group.last_resort import by_lack, name_the_rest
from recommender.group.likeness import cohesion
from recommender.group.merging import merge_roles, name_candidates, one_role
from recommender.group.namespace_index import describe, index_namespace
from recommender.group.naming import unique_names
from recommender.group.selectors import overlap
from recommender.group.subject import make_subjects
from recommender.model.group import Group, GroupOrigin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.group.behaviour import Behaviour
    from recommender.group.namespace_index import Described
    from recommender.group.selectors import Named
    from recommender.group.subject import Subject
    from recommender.model.edge import Edge, Workload
    from recommender.model.gap import Gap
    from recommender.model.inventory import Inventory


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
    subjects = make_subjects(workloads)
    behaviour = observe_behaviour(subjects, edges)
    described = describe(inventory)
    groups: list[Group] = []
    gaps = [findings.on_host_network(end) for end in sorted({one.end for one in workloads if one.host_network})]
    for (_, namespace), found in groupby(subjects, key=lambda one: one.scope):
        new_groups, new_gaps = _form_in_namespace(
            tuple(found), behaviour, described.get(namespace, ()), accounts=accounts
        )
        groups += new_groups
        gaps += new_gaps
    groups.sort(key=lambda one: (one.cluster, one.namespace, one.name))
    return tuple(groups), tuple(sorted(gaps, key=lambda one: one.sort_key))


def _form_in_namespace(
    subjects: Sequence[Subject], behaviour: Behaviour, described: Sequence[Described], *, accounts: bool
) -> tuple[list[Group], list[Gap]]:
    index = index_namespace(subjects, described)
    candidates = merge_roles(candidates_by_labels(subjects), behaviour, index)
    named, unnamed = name_candidates(candidates, behaviour, index)
    named, unnamed = name_the_rest(named, unnamed, index, accounts=accounts)
    alone = [part for candidate in unnamed for part in candidate.apart()]
    names = unique_names([*named, *alone])
    groups: list[Group] = []
    gaps: list[Gap] = []
    for candidate, found in named.items():
        role = len(candidate.members) == 1 or one_role(candidate, behaviour)
        group = _group(candidate, names[candidate], behaviour, found, _origin(candidate, found, same_role=role))
        groups.append(group)
        gaps += _doubts(group, candidate, found, same_role=role)
    for candidate in alone:
        group = _group(candidate, names[candidate], behaviour, None, GroupOrigin.UNSELECTABLE)
        groups.append(group)
        rivals = index.owners_of(overlap(candidate, index))[: findings.MOST_EXAMPLES]
        gaps.append(findings.unselectable(group, candidate.members[0], rivals))
    return groups, gaps


def _group(candidate: Candidate, name: str, behaviour: Behaviour, found: Named | None, origin: GroupOrigin) -> Group:
    cluster, namespace = candidate.scope
    return Group(
        name=name,
        cluster=cluster,
        namespace=namespace,
        members=candidate.ends,
        origin=origin,
        selector=found.selector if found else None,
        proof=found.proof if found else None,
        cohesion=cohesion(behaviour.everything.get(end, frozenset()) for end in candidate.ends),
    )


def _origin(candidate: Candidate, found: Named, *, same_role: bool) -> GroupOrigin:
    if by_lack(found.selector):
        return GroupOrigin.LACK
    if found.selector.service_account:
        return GroupOrigin.SERVICE_ACCOUNT
    if len(candidate.members) == 1:
        return GroupOrigin.WORKLOAD
    return GroupOrigin.SHARED_LABELS if same_role else GroupOrigin.INDISTINGUISHABLE


def _doubts(group: Group, candidate: Candidate, found: Named, *, same_role: bool) -> list[Gap]:
    doubts = []
    if not same_role:
        doubts.append(findings.ambiguous(group, candidate))
    if found.also_selects:
        doubts.append(findings.selects_more(group, found.also_selects))
    if found.misses:
        doubts.append(findings.selects_less(group, found.misses))
    return doubts
