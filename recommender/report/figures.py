"""Measures as the view has them: few decimals, and nothing that is no number."""

from __future__ import annotations

from math import isfinite


def figure(value: float, decimals: int = 4) -> float:
    """The measure, rounded.

    Raises:
        ValueError: It is infinite or none at all, which no JSON document can hold.
    """
    if not isfinite(value):
        raise ValueError(f"a measure of the report is {value}")
    return round(value, decimals)
