"""How much the manifests of one dialect open in a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.existing import JudgedReach


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectWidth:
    """What is open once a dialect's manifests are applied, by groups, whatever the port."""

    pairs: int
    """Pairs of two groups, one of which may open connections to the other."""
    to_world: int
    """Groups that may open connections to any address outside."""
    from_world: int
    """Groups that any address outside may open connections to."""

    @classmethod
    def of(cls, reach: Iterable[JudgedReach]) -> DialectWidth:
        """The sums over all groups."""
        found = tuple(reach)
        return cls(
            pairs=sum(len(item.groups) for item in found),
            to_world=sum(item.world for item in found),
            from_world=sum(bool(item.open_to_world) for item in found),
        )
