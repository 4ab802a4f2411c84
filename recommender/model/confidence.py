"""Confidence: how sure we are, with the parts it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Band(StrEnum):
    """A confidence in words."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Scale(StrEnum):
    """What the values of parts are, so that they can be added."""

    LOG_ODDS = "log-odds"
    """Natural logarithm of p / (1 - p)."""
    LOG_PROBABILITY = "log-probability"
    """Natural logarithm of p."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidencePart:
    """One thing that raised or lowered a confidence."""

    name: str
    sentence: str
    """In plain words, such as `seen on 6 of 7 days`."""
    value: float
    """What it adds, on the confidence's scale; the parts add up to the value before the cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """A probability and why: of an edge, that it is needed; of a policy, that it breaks nothing needed in a week."""

    value: float
    parts: tuple[ConfidencePart, ...]
    cap: str = ""
    """The reason for which the value was capped, or the empty text."""
    scale: Scale = Scale.LOG_ODDS

    @property
    def band(self) -> Band:
        """High from 0.9, medium from 0.6."""
        if self.value >= 0.9:  # noqa: PLR2004 - the bands are defined here and nowhere else
            return Band.HIGH
        return Band.MEDIUM if self.value >= 0.6 else Band.LOW  # noqa: PLR2004
