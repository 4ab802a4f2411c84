"""Edges that began within the window: how fast does the cluster make new ones?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.assess.timing import DAY, SIX

if TYPE_CHECKING:
    from recommender.assess.timing import Timing

SURPRISE: Final = 0.001
"""So improbable must an edge's silence before its first sighting be, for it to have been born then (`scoring 3`)."""
LONGER: Final = 5.0
_ENOUGH: Final = 3
_SETTLING: Final = DAY // SIX


def born_in_window(timing: Timing, spans: int) -> np.ndarray:
    """Which edges were too busy since their first sighting to have been there, silent, before it?

    With x active six-hour spans of the n since its first, an edge's rate is about (x - 1/2) / (n + 1/2); it was born if
    the spans before would all have been silent with a probability under one in a thousand. Traffic that comes in
    sessions has long silences of its own: the one before must be several times the longest since. The first day is
    left out, and edges of fewer than three spans.
    """
    before = np.floor(timing.first / SIX)
    rate = np.clip((timing.six_hours - 0.5) / np.maximum(spans - before + 0.5, 1), 0.0, 1.0 - 1e-9)
    silent = before * np.log1p(-rate)
    unusual = timing.first > LONGER * timing.longest_gap
    often = (timing.six_hours >= _ENOUGH) & (before >= _SETTLING)
    return np.asarray(often & (silent < np.log(SURPRISE)) & unusual)


def births_within(born: float, window: int, days: float) -> float:
    """Needs expected to be born, and seen, within so many days, after so many were in a window of so many hours.

    The first day of the window shows no births; half of one is added, so that none seen does not mean none ever.
    """
    return days * (born + 0.5) / max(window / DAY - 1, 1.0)
