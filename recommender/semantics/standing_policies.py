"""Policies that are in force beside those that a user names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.errors import InvalidPolicyError
from recommender.model.existing import PolicyFate
from recommender.model.manifest import Dialect
from recommender.semantics.existing_set import read_existing
from recommender.semantics.kinds import kind_of
from recommender.semantics.reading import policy_name
from recommender.semantics.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.model.inventory import Inventory
    from recommender.semantics.manifest_documents import ManifestDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPolicies:
    """What stands beside the policies that are looked at."""

    judged: tuple[ManifestDocument, ...] = ()
    """Sorted by name."""
    unjudged: tuple[tuple[str, str], ...] = ()
    """Names of those that cannot be judged, each with the reason."""


def standing_beside(
    documents: Sequence[ManifestDocument], inventory: Inventory, recorded: Iterable[ManifestDocument]
) -> StandingPolicies:
    """Which policies of an inventory, or else of reports, do these documents not hold?

    What an earlier run of ours wrote and these do not hold is no part of them: applying a set replaces it.

    Args:
        documents: The policies that are looked at.
        inventory: What is in the cluster.
        recorded: Policies that runs judged beside their own, by name in `path`; asked if the inventory holds none.

    Raises:
        InvalidPolicyError: A document is no policy.
    """
    names = frozenset(map(_name, documents))
    if not inventory.policies:
        found = {document.path: document for document in recorded}
        return StandingPolicies(judged=tuple(found[name] for name in sorted(found.keys() - names)))
    existing = read_existing(
        inventory,
        own_names=names,
        settings=settings_of({document.document.get("kind") for document in documents}),
        dialect=_dialect(documents),
    )
    unjudged = tuple((item.name, item.reason) for item in existing.policies if item.fate is PolicyFate.UNJUDGED)
    return StandingPolicies(judged=existing.judged, unjudged=unjudged)


def _name(document: ManifestDocument) -> str:
    try:
        return policy_name(document.document)
    except InvalidPolicyError as error:
        where = ": ".join(filter(None, (document.path, error.where)))
        raise InvalidPolicyError(error.what, where=where, hint=error.hint) from error


def _dialect(documents: Iterable[ManifestDocument]) -> Dialect:
    """Calico's policies and Cilium's are never in force together: which of the two reads these?"""
    by_calico = any(kind_of(document.document).of_calico for document in documents)
    return Dialect.CALICO if by_calico else Dialect.CILIUM
