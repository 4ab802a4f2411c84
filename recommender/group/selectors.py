"""The smallest selector that names a candidate group exactly, and the proof that it does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import and_
from typing import TYPE_CHECKING

from recommender.group.namespace_index import NamespaceIndex, set_bits
from recommender.group.roles import ROLE_KEYS, key_rank
from recommender.model.group import Requirement, Selector, SelectorProof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.group.candidate import Candidate

MOST_KEYS = 4
"""Largest selector searched for exhaustively (scoring §8); beyond it keys are taken greedily."""
MOST_KEYS_TRIED = 12
"""Best-ranked keys that the exhaustive search combines: at most 793 combinations."""
MOST_NEAR_MISSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A selector, its proof, and what the inventory holds against it."""

    selector: Selector
    proof: SelectorProof
    also_selects: tuple[str, ...]
    """Owners that only the inventory knows and that the selector cannot leave out."""
    misses: tuple[str, ...]
    """The group's own owners of which the inventory lists pods that the selector does not match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    requirement: Requirement
    bits: int
    wrong: int
    """Forbidden label sets that it lets through."""


def name_by_labels(candidate: Candidate, index: NamespaceIndex, *, tolerant: bool = False) -> Named | None:
    """Find the smallest label selector that selects the candidate and no other known pod; None if there is none.

    Selectors of role keys alone come before all others, fewer keys before more, better-ranked keys before worse ones,
    one value a key before several. With `tolerant`, pods that only the inventory knows may be selected if no label
    can leave them out; pods seen in flows never.
    """
    return _name(candidate, index, account="", tolerant=tolerant)


def name_by_account(candidate: Candidate, index: NamespaceIndex) -> Named | None:
    """Find a selector by service account, with a label beside it where the candidate has usable ones."""
    account = candidate.service_account
    return _name(candidate, index, account=account, tolerant=False) if account else None


def name_by_absence(candidate: Candidate, index: NamespaceIndex) -> Named | None:
    """Find a selector that also asks for the absence of keys that tell the others: `app=web` without `component`.

    A role label of the members' own stays in it, so that pods unheard of are not swept in. Keys that change inside
    another workload are not asked for: their absence today says nothing of tomorrow.
    """
    members = index.members(candidate.members)
    forbidden = index.everything & ~members
    terms = [_term(requirement, index, forbidden) for requirement in _ranked(candidate)]
    carrying = index.carrying()
    lacking = sorted((key for key in carrying if not carrying[key] & members), key=key_rank)
    unsteady = {key for subject in index.subjects for key in subject.unsteady}
    steady = (Requirement(key=key, values=(), absent=True) for key in lacking if key not in unsteady)
    chosen: list[_Term] = []
    left = forbidden
    for term in (*terms, *(_term(requirement, index, forbidden) for requirement in steady)):
        if left & ~term.wrong:
            chosen.append(term)
            left &= term.wrong
    own = [term for term in chosen if not term.requirement.absent] or terms[:1]
    if left or not any(term.requirement.key in ROLE_KEYS for term in own):
        return None
    asked = {*own, *chosen}
    return _prove(candidate, index, Selector(requirements=tuple(sorted(term.requirement for term in asked))))


def name_by_lack(candidate: Candidate, index: NamespaceIndex, *, account: str = "") -> Named | None:
    """Find a selector by what labels there are and the absence of keys that others carry, role label or none.

    The last resort, and only where the inventory lists the namespace's pods: a pod unheard of that carries none of
    these keys is selected too. A service account narrows it. A selector that asks for nothing would be the namespace.
    """
    members = index.members(candidate.members)
    if not index.described_in_full or not members & index.seen:
        return None
    left = (index.running_as(account) if account else index.everything) & ~members
    own = _ranked(candidate)
    for requirement in own:
        left &= index.selected_by(requirement)
    carrying = index.carrying()
    unsteady = {key for subject in index.subjects for key in subject.unsteady}
    lacking = sorted((key for key in carrying if not carrying[key] & members and key not in unsteady), key=key_rank)
    absent: list[Requirement] = []
    for key in lacking:
        if left & carrying[key]:
            absent.append(Requirement(key=key, values=(), absent=True))
            left &= ~carrying[key]
    if left or not (own or absent):
        return None
    return _prove(candidate, index, Selector(requirements=tuple(sorted([*own, *absent])), service_account=account))


def overlap(candidate: Candidate, index: NamespaceIndex) -> int:
    """Label sets of others that carry every label that the candidate's members share."""
    bits = reduce(and_, (index.having(r.key, r.values) for r in candidate.requirements()), index.everything)
    return bits & ~index.members(candidate.members)


def _name(candidate: Candidate, index: NamespaceIndex, *, account: str, tolerant: bool) -> Named | None:
    members = index.members(candidate.members)
    start = index.running_as(account) if account else index.everything
    forbidden = start & ~members
    shared = _ranked(candidate)
    if tolerant:
        unavoidable = reduce(and_, (index.having(r.key, r.values) for r in shared), forbidden)
        forbidden &= ~(unavoidable & ~index.seen)
    terms = [_term(requirement, index, forbidden) for requirement in shared]
    single = [term for term in terms if len(term.requirement.values) == 1]
    chosen = _choose(single, forbidden) or _choose(terms, forbidden)
    if chosen is None:
        if not account or terms or forbidden:
            return None
        chosen = ()
    requirements = tuple(sorted(term.requirement for term in chosen))
    return _prove(candidate, index, Selector(requirements=requirements, service_account=account))


def _ranked(candidate: Candidate) -> list[Requirement]:
    unsteady = candidate.unsteady
    return sorted(candidate.requirements(), key=lambda one: (one.key in unsteady, key_rank(one.key)))


def _term(requirement: Requirement, index: NamespaceIndex, forbidden: int) -> _Term:
    bits = index.selected_by(requirement)
    return _Term(requirement=requirement, bits=bits, wrong=bits & forbidden)


def _choose(terms: Sequence[_Term], forbidden: int) -> tuple[_Term, ...] | None:
    """Fewest, best-ranked terms that together let nothing forbidden through; None if all together do not suffice."""
    if not terms or reduce(and_, (term.wrong for term in terms), forbidden):
        return None
    roles = [term for term in terms if term.requirement.key in ROLE_KEYS]
    for pool in (roles, terms):
        useful = [term for term in pool if term.wrong != forbidden] or list(pool[:1])
        if not pool or reduce(and_, (term.wrong for term in useful), forbidden):
            continue
        for size in range(1, MOST_KEYS + 1):
            for chosen in combinations(useful[:MOST_KEYS_TRIED], size):
                if not reduce(and_, (term.wrong for term in chosen), forbidden):
                    return chosen
        return _greedy(useful, forbidden)
    return None


def _greedy(terms: Sequence[_Term], forbidden: int) -> tuple[_Term, ...]:
    """Take the term that excludes most until nothing forbidden is left; then drop what proved needless."""
    chosen: list[_Term] = []
    left = forbidden
    while left:
        best = min(terms, key=lambda term: (term.wrong & left).bit_count())
        chosen.append(best)
        left &= best.wrong
    for term in tuple(chosen):
        rest = [other for other in chosen if other is not term]
        if rest and not reduce(and_, (other.wrong for other in rest), forbidden):
            chosen = rest
    return tuple(chosen)


def _prove(candidate: Candidate, index: NamespaceIndex, selector: Selector) -> Named:
    members = index.members(candidate.members)
    own = reduce(lambda bits, one: bits | index.by_subject[one], candidate.members, 0)
    parts = [index.selected_by(requirement) for requirement in selector.requirements]
    if selector.service_account:
        parts.append(index.running_as(selector.service_account))
    selected = reduce(and_, parts, index.everything)
    proof = SelectorProof(
        members_matched=(selected & own).bit_count(),
        others_checked=(index.everything & ~members).bit_count(),
        near_misses=_near_misses(parts, members, index),
        dropped_keys=tuple(sorted(dict(drop for member in candidate.members for drop in member.dropped).items())),
    )
    return Named(
        selector=selector,
        proof=proof,
        also_selects=index.owners_of(selected & ~members),
        misses=index.owners_of(members & ~selected),
    )


def _near_misses(parts: Sequence[int], members: int, index: NamespaceIndex) -> tuple[str, ...]:
    """Owners that all requirements but one would select; with one requirement that is everybody, so nobody is named."""
    if len(parts) <= 1:
        return ()
    found: set[str] = set()
    for position in range(len(parts)):
        others = [bits for place, bits in enumerate(parts) if place != position]
        near = reduce(and_, others, index.everything) & ~parts[position] & ~members
        found.update(index.owners[row] for row in _first(near))
    return tuple(sorted(found)[:MOST_NEAR_MISSES])


def _first(bits: int) -> list[int]:
    """Positions of the first few ones: enough for the examples, whatever the size of the namespace."""
    positions = []
    for position in set_bits(bits):
        positions.append(position)
        if len(positions) == MOST_NEAR_MISSES:
            break
    return positions
