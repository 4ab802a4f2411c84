"""What becomes of connections that were seen once and look harmless."""

from __future__ import annotations

from enum import StrEnum


class SingleSightings(StrEnum):
    """What becomes of a single sighting that nothing speaks against."""

    REVIEW = "review"
    """It is allowed and marked: a weekly job runs once a week."""
    QUARANTINE = "quarantine"
    """It waits for a person, unless something else in the capture speaks for it."""
