"""Which candidates become one group: rollouts and runs of one role, and workloads that their labels cannot exclude."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.group.candidate import Candidate
from recommender.group.likeness import all_alike, cluster_alike, jaccard
from recommender.group.selectors import name_by_absence, name_by_account, name_by_labels, overlap
from recommender.model.group import LEAST_LIKENESS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.group.behaviour import Behaviour
    from recommender.group.namespace_index import NamespaceIndex
    from recommender.group.selectors import Named
    from recommender.group.subject import Subject

MOST_OVERLAPPING = 500
"""Label sets of others that a workload may be indistinguishable from and still join them; beyond it, it stays apart."""


def one_role(members: Candidate, behaviour: Behaviour) -> bool:
    """Whether the members are one role: equal role labels, owners of one family and stem, and no unlike behaviour.

    Workloads of which only the labels are known contradict no owner.
    """
    first = members.members[0]
    owners = {member.role_key[-2:] for member in members.members if not member.ownerless}
    same_roles = all(member.roles == first.roles for member in members.members)
    if not first.roles or not same_roles or len(owners) > 1:
        return False
    return all_alike(behaviour.profile([end]) for end in members.ends)


def merge_roles(candidates: Iterable[Candidate], behaviour: Behaviour, index: NamespaceIndex) -> list[Candidate]:
    """Merge candidates that labels could tell apart only if they are really one role, such as `web-v1` and `web-v2`.

    Needed: the same role labels, service account, owner family and owner stem, a like behaviour (`cluster_alike`), and
    a label selector that names the result exactly. Without all of them they stay apart: least privilege.
    """
    roles: defaultdict[tuple[object, ...], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        keys = {member.role_key for member in candidate.members}
        single = len(keys) == 1 and bool(candidate.members[0].roles)
        roles[keys.pop() if single else (candidate.ends,)].append(candidate)
    merged = [part for found in roles.values() for part in _merge_alike(found, behaviour, index)]
    return sorted(merged, key=lambda one: one.ends)


def _merge_alike(found: Sequence[Candidate], behaviour: Behaviour, index: NamespaceIndex) -> list[Candidate]:
    if len(found) == 1:
        return list(found)
    clusters: defaultdict[int, list[Candidate]] = defaultdict(list)
    for candidate, label in zip(found, cluster_alike([behaviour.profile(one.ends) for one in found]), strict=True):
        clusters[label].append(candidate)
    result: list[Candidate] = []
    for parts in clusters.values():
        union = Candidate.of(member for part in parts for member in part.members)
        result += [union] if len(parts) > 1 and name_by_labels(union, index) else parts
    return result


def name_candidates(
    candidates: Iterable[Candidate], behaviour: Behaviour, index: NamespaceIndex, *, apart: bool = False
) -> tuple[dict[Candidate, Named], list[Candidate]]:
    """Name every candidate that can be named, and let those that cannot join the group they cannot be told from.

    In this order: by labels exactly, by labels and the absence of others', by service account exactly, by labels
    although the inventory knows further pods that match, and by joining. Workloads without a known owner may be
    revisions of one: they join before the absence of a label tells them apart, unless all are to stay `apart`. The
    second part of the result are candidates that no selector names.
    """
    named: dict[Candidate, Named] = {}
    unnamed: list[Candidate] = []
    for candidate in candidates:
        found = name_exactly(candidate, behaviour, index, apart=apart)
        if found is None:
            unnamed.append(candidate)
        else:
            named[candidate] = found
    home = {member: candidate for candidate in named for member in candidate.members}
    left = []
    for candidate in sorted(unnamed, key=lambda one: (-len(one.requirements()), one.ends)):
        touched = _overlapping(candidate, home, index)
        union = Candidate.of(member for one in (candidate, *touched) for member in one.members)
        found = name_by_labels(union, index) if _may_join(candidate, touched, behaviour) else None
        if found is None:
            touched, union, found = (), candidate, name_by_absence(candidate, index)
        if found is None:
            left.append(candidate)
            continue
        for one in touched:
            del named[one]
        named[union] = found
        home |= dict.fromkeys(union.members, union)
    return named, left


def name_exactly(
    candidate: Candidate, behaviour: Behaviour, index: NamespaceIndex, *, apart: bool = False
) -> Named | None:
    """Name a candidate by labels, by what it lacks or by account; an account does not lump unlabelled strangers."""
    lumped = len(candidate.members) > 1 and not candidate.requirements()
    if lumped and len(set(cluster_alike([behaviour.profile([end]) for end in candidate.ends]))) > 1:
        return None
    owned = apart or not any(member.ownerless for member in candidate.members)
    # What a workload lacks can be said in every dialect, its service account in Cilium's only.
    exact = name_by_labels(candidate, index) or (name_by_absence(candidate, index) if owned else None)
    exact = exact or name_by_account(candidate, index)
    return exact or name_by_labels(candidate, index, tolerant=True)


def _overlapping(
    candidate: Candidate, home: Mapping[Subject, Candidate], index: NamespaceIndex
) -> tuple[Candidate, ...]:
    """The named groups that carry all labels of the candidate; none if it has no labels or they are on too many."""
    others = overlap(candidate, index)
    if not candidate.requirements() or others.bit_count() > MOST_OVERLAPPING:
        return ()
    found = {home[subject] for subject in index.subjects_of(others) if subject in home}
    return tuple(sorted(found, key=lambda one: one.ends))


def _may_join(candidate: Candidate, touched: Sequence[Candidate], behaviour: Behaviour) -> bool:
    """Whether the candidate behaves like the majority of each group that it cannot be told from.

    Without role labels it may join one group only: nothing but its behaviour says where it belongs.
    """
    if not touched or (len(touched) > 1 and not candidate.members[0].roles):
        return False
    own = behaviour.profile(candidate.ends)
    return all(jaccard(own, behaviour.majority(one.ends)) >= LEAST_LIKENESS for one in touched)
