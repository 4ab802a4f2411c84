"""Gaps: what the capture could not show and what a person should look at; one detector a file."""

from recommender.assess.gaps.find import find_gaps

__all__ = ["find_gaps"]
