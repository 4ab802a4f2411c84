"""Workloads that nothing of their own tells apart: named together by what their labels lack, or left without a name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.group.candidate import Candidate
from recommender.group.roles import ROLE_KEYS
from recommender.group.selectors import name_by_labels, name_by_lack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.group.namespace_index import NamespaceIndex
    from recommender.group.selectors import Named
    from recommender.group.subject import Subject
    from recommender.model.group import Requirement, Selector

    Bucket = tuple[tuple[Requirement, ...], str]


def by_lack(selector: Selector) -> bool:
    """Whether a selector asks for what pods lack and for no label that says what they are."""
    positive = {requirement.key for requirement in selector.requirements if not requirement.absent}
    return len(positive) < len(selector.requirements) and positive.isdisjoint(ROLE_KEYS)


def name_the_rest(
    named: Mapping[Candidate, Named], unnamed: Sequence[Candidate], index: NamespaceIndex, *, accounts: bool
) -> tuple[dict[Candidate, Named], list[Candidate]]:
    """Put those with the same usable labels together and name them by these and by what they lack.

    Where a service account may not be asked for (`accounts`), those that only their account names take part: one policy
    with the needs of all is wider than one each, but no policy is wider still. What finds no name stays as it was.
    """
    loose = list(unnamed)
    if not accounts:
        loose += [candidate for candidate, found in named.items() if found.selector.service_account]
    buckets: defaultdict[Bucket, list[Subject]] = defaultdict(list)
    for candidate in loose:
        buckets[candidate.requirements(), candidate.service_account if accounts else ""].extend(candidate.members)
    found: dict[Candidate, Named] = {}
    for (_, account), members in sorted(buckets.items()):
        union = Candidate.of(members)
        name = name_by_labels(union, index) or name_by_lack(union, index, account=account)
        if name is not None:
            found[union] = name
    settled = {member for union in found for member in union.members}
    kept = {candidate: name for candidate, name in named.items() if settled.isdisjoint(candidate.members)}
    return kept | found, [candidate for candidate in unnamed if settled.isdisjoint(candidate.members)]
