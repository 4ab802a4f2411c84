"""Findings about what an intruder could still do once the policies are enforced."""

from __future__ import annotations

from typing import Final

from recommender.assess.finding import Finding
from recommender.assess.finding import finding as _finding
from recommender.model.gap import Severity

_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO

BLAST_RADIUS: Final = _finding(
    "NPR413",
    "What an intruder could still reach",
    (_MEDIUM, _INFO),
    "Whoever takes over a pod of these groups can open connections to the groups counted, and from there go on.",
    "Start with the widest: split it by labels, or reject rules that nobody needs; the report lists every group.",
)
WAY_FROM_OUTSIDE: Final = _finding(
    "NPR414",
    "Way from outside to a sensitive group",
    (_HIGH, _MEDIUM),
    "An intruder who takes over the groups on the way, one after the other, reaches it without breaking any policy.",
    "Look at each step: keep what faces the outside away from it, and reject the step that is not needed.",
)

EXPOSURE: Final[tuple[Finding, ...]] = (BLAST_RADIUS, WAY_FROM_OUTSIDE)
"""Sorted by code."""
