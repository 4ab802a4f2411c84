"""Findings on their own, of a run or of another command, for the forms that other tools read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from recommender.model.gap import Gap

REPORT_FILE: Final = "recommendation.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something that was tried and holds or not, beside the findings."""

    kind: str
    """Such as `proof`."""
    name: str
    failure: str = ""
    """Why it does not hold; empty if it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedGap:
    """A finding and the line of a file that it is about."""

    gap: Gap
    file: str = REPORT_FILE
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that a command found."""

    tool_version: str
    checks: tuple[Check, ...]
    placed: tuple[PlacedGap, ...]
    """Worst first."""
