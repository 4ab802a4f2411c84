"""One group for all pods of a namespace but some, with the selector that says so and its proof.

Policies add up: a pod that two of them select may do what either allows. A policy for the rest of a namespace must
therefore not select the pods that are held apart from it, whatever labels they get besides those that name them.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Final

from recommender.group.likeness import cohesion, likeness_of_each
from recommender.group.roles import key_rank
from recommender.group.selectors import Named
from recommender.model.group import Group, GroupOrigin, Requirement, Selector, SelectorProof

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.group.form import Space
    from recommender.group.subject import Subject

NAME: Final = "all-pods"


def select_rest(space: Space, rest: Sequence[Subject], held: Sequence[Group]) -> Named | None:
    """Find a selector for all pods of the namespace but those of the held groups; None if there is none.

    Of every held group's selector one requirement is taken that no pod of the rest meets, and its opposite is asked
    for: whatever the group's selector selects, today or later, this one cannot. It selects every label set of the
    rest; pods that only the inventory knows as a rule too.
    """
    index = space.index
    wanted = index.members(rest)
    asked: dict[str, Requirement] = {}
    for group in held:
        opposite = _opposite(space, group, wanted, asked)
        if opposite is None:
            return None
        asked[opposite.key] = opposite
    parts = [index.selected_by(requirement) for requirement in asked.values()]
    selected = reduce(and_, parts, index.everything)
    own = reduce(or_, (index.by_subject[one] for one in rest), 0)
    proof = SelectorProof(
        members_matched=(selected & own).bit_count(), others_checked=(index.everything & ~selected).bit_count()
    )
    return Named(
        selector=Selector(requirements=tuple(sorted(asked.values()))),
        proof=proof,
        also_selects=index.owners_of(selected & ~wanted),
        misses=index.owners_of(wanted & ~selected),
    )


def whole_namespace(space: Space, rest: Sequence[Subject], found: Named) -> Group:
    """The group of all pods that `found` selects."""
    cluster, namespace = rest[0].scope
    profiles = [space.behaviour.everything.get(one.end, frozenset()) for one in rest]
    return Group(
        name=NAME,
        cluster=cluster,
        namespace=namespace,
        members=tuple(one.end for one in rest),
        origin=GroupOrigin.NAMESPACE,
        selector=found.selector,
        proof=found.proof,
        cohesion=cohesion(profiles),
        likeness=likeness_of_each(profiles),
    )


def _opposite(space: Space, group: Group, wanted: int, asked: dict[str, Requirement]) -> Requirement | None:
    """What to ask for so that the group's pods fall out and no pod of the rest does, joined with what is asked."""
    index = space.index
    unsteady = {key for subject in space.subjects for key in subject.unsteady}
    telling = [one for one in _requirements(group) if not index.selected_by(one) & wanted]
    # The fewest pods that only the inventory knows fall out with the group; then the steadiest and best key.
    telling.sort(key=lambda one: (index.selected_by(one).bit_count(), one.key in unsteady, key_rank(one.key)))
    for requirement in telling:
        joined = _join(
            asked.get(requirement.key),
            Requirement(key=requirement.key, values=requirement.values, absent=not requirement.absent),
        )
        if joined is not None:
            return joined
    return None


def _requirements(group: Group) -> Iterable[Requirement]:
    return group.selector.requirements if group.selector else ()


def _join(known: Requirement | None, new: Requirement) -> Requirement | None:
    """Both on one key as one requirement; None if a selector cannot say them together."""
    if known is None or known == new:
        return new
    if not (known.absent and new.absent):
        return None
    if not (known.values and new.values):
        return Requirement(key=new.key, values=(), absent=True)
    return Requirement(key=new.key, values=tuple(sorted({*known.values, *new.values})), absent=True)
