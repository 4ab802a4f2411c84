"""The policies of one run, before any dialect says them, and what they could not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.disposition import Decided
    from recommender.model.gap import Gap
    from recommender.model.http_rule import HttpPair
    from recommender.model.policy import Policy
    from recommender.model.release import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """One policy a governed group, and what became of every edge on the way."""

    policies: tuple[Policy, ...]
    """Sorted by cluster, namespace and name."""
    decided: Mapping[str, Decided]
    """By edge id: the dispositions that were given, with further ones EXCLUDED because no rule can say them."""
    gaps: tuple[Gap, ...]
    """Sorted by `Gap.sort_key`."""
    http_pairs: tuple[HttpPair, ...] = ()
    """Pairs of groups between which HTTP requests were seen, sorted."""
    releases: tuple[Release, ...] = ()
    """What would allow each quarantined edge, in the order of `Edge.sort_key`."""
