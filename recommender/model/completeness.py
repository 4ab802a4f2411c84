"""Completeness: how much a window may have missed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What is said of the unseen part of some edges' activity, from how often they were active.

    An incidence is an edge active in a six-hour span of the window. Edges in quarantine do not count.
    """

    edges: int
    incidences: int
    once: int
    """Edges active in one span only."""
    bound: float
    """95 % upper bound of the share of future activity that lies on edges not seen yet, 0 to 1. Of a policy, with what
    releases are expected to bring; of the capture, without."""
    enough: bool
    """Whether there is enough to say more than the bound: a day of window and twelve incidences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEdges:
    """Needed edges expected to show for the first time after the window."""

    days: float
    """How far ahead."""
    expected: float
    of_releases: float
    """The part of `expected` that did not exist yet."""
    at_most_90: int
    """Not exceeded with a probability of 90 %."""
    at_most_95: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """The capture as a whole."""

    unseen: Unseen
    new_edges: NewEdges | None
    """None if `unseen.enough` is false: a window like that allows a bound and no estimate."""
    unit_ratio: float | None = None
    """Estimate by hours over the estimate by six hours: both ask the same, so they should agree."""
    warning: str = ""
    """Why the estimate should not be trusted, or the empty text."""
