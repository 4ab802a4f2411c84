"""Confidence: how sure we are, with the parts it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Band(StrEnum):
    """A confidence in words."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidencePart:
    """One thing that raised or lowered a confidence."""

    name: str
    sentence: str
    """In plain words, such as `seen on 6 of 7 days`."""
    value: float
    """Its contribution before the cap, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """A number from 0 to 1 and why."""

    value: float
    parts: tuple[ConfidencePart, ...]
    cap: str = ""
    """The reason for which the value was capped, or the empty text."""

    @property
    def band(self) -> Band:
        """High from 0.9, medium from 0.6."""
        if self.value >= 0.9:  # noqa: PLR2004 - the bands are defined here and nowhere else
            return Band.HIGH
        return Band.MEDIUM if self.value >= 0.6 else Band.LOW  # noqa: PLR2004
