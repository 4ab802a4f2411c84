"""Plain questions about the evidence of one edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.context import HOUR

if TYPE_CHECKING:
    from recommender.model.edge import Evidence

_OCCASION: Final = HOUR
_HOURS_TOUCHED: Final = 2
"""An hour may begin in one hour of the clock and end in the next."""


def is_single_sighting(evidence: Evidence) -> bool:
    """Whether it was one connection within one hour; a connection that lives for hours is seen many times."""
    return evidence.connections <= 1 and evidence.active_hours <= 1


def is_one_occasion(evidence: Evidence) -> bool:
    """Whether everything happened within one hour, however many connections that took."""
    return evidence.last_seen - evidence.first_seen <= _OCCASION and evidence.active_hours <= _HOURS_TOUCHED


def is_direction_known(evidence: Evidence) -> bool:
    """Whether at least one connection shows who opened it by more than its port numbers."""
    return evidence.direction_known
