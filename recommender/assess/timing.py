"""When were edges seen? Numbers about the hours of activity, for all edges at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recommender.model.edge import Evidence

    Numbers = np.ndarray

DAY: Final = 24
WEEK: Final = 7 * DAY
SIX: Final = 6
_AT_A_TIME: Final = 8192
"""Edges unpacked together: with 90 days, some 20 MB."""
_REGULAR_FROM: Final = 3
"""Hours from which gaps have a spread at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One row an edge. Times are hours from the start of the window; edges without recorded activity have no hours."""

    recorded: Numbers
    """Whether the hours of activity are known; if not, everything below but the counts is 0."""
    hours: Numbers
    """Active hours."""
    six_hours: Numbers
    """Active six-hour spans, counted from the start of the window."""
    days: Numbers
    """Active days, counted from the start of the window."""
    first: Numbers
    last: Numbers
    longest_gap: Numbers
    """Hours between the two active hours that lie furthest apart, with none between; 0 with one active hour."""
    regularity: Numbers
    """1 / (1 + coefficient of variation of the gaps between active hours), from three hours on, else 0."""
    periodicity: Numbers
    """Largest share of active hours within an hour of one daily or weekly time, if two periods were spanned, else 0."""
    weekly: Numbers
    """Whether the largest share is that of a weekly time."""


def timing_of(evidence: Sequence[Evidence], window: int) -> Timing:
    """Measure the timing of every edge in a window of so many hours."""
    counts = np.array([[one.active_hours, one.active_six_hours, one.active_days] for one in evidence], float)
    counts = counts.reshape(len(evidence), 3)
    parts = [_measured(block) for block in unpacked([one.activity for one in evidence], window)]
    if not parts:
        parts = [_measured(np.zeros((0, max(window, 1)), bool))]
    found = {item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Timing)}
    for place, name in enumerate(("hours", "six_hours", "days")):
        found[name] = np.where(found["recorded"], found[name], counts[:, place])
    return Timing(**found)


def unpacked(activities: Sequence[bytes], window: int) -> Iterator[np.ndarray]:
    """The activities as blocks of booleans, one row an edge and one column an hour."""
    width = -(-max(window, 1) // 8)
    for start in range(0, len(activities), _AT_A_TIME):
        block = activities[start : start + _AT_A_TIME]
        packed = b"".join(one[:width].ljust(width, b"\0") for one in block)
        bits = np.unpackbits(np.frombuffer(packed, np.uint8).reshape(len(block), width), axis=1)
        yield bits[:, : max(window, 1)].astype(bool)


def spans(active: np.ndarray, length: int) -> np.ndarray:
    """The same activity by spans of `length` hours; a last span of less than half the length joins the one before."""
    window = active.shape[1]
    count = max(1, int(window / length + 0.5))
    starts = np.minimum(np.arange(window) // length, count - 1)
    return np.logical_or.reduceat(active, np.searchsorted(starts, np.arange(count)), axis=1)


def span_count(window: int, length: int) -> int:
    """How many such spans a window of so many hours has."""
    return max(1, int(window / length + 0.5))


def _measured(active: np.ndarray) -> Timing:
    hours = active.sum(axis=1).astype(float)
    recorded = hours > 0
    first = np.where(recorded, active.argmax(axis=1), 0).astype(float)
    last = np.where(recorded, active.shape[1] - 1 - active[:, ::-1].argmax(axis=1), 0).astype(float)
    periodicity, weekly = _periodicity(active, hours, last - first)
    longest, regularity = _gaps(active, hours, last - first)
    return Timing(
        recorded=recorded,
        hours=hours,
        six_hours=spans(active, SIX).sum(axis=1).astype(float),
        days=spans(active, DAY).sum(axis=1).astype(float),
        first=first,
        last=last,
        longest_gap=longest,
        regularity=regularity,
        periodicity=periodicity,
        weekly=weekly,
    )


def _gaps(active: np.ndarray, hours: np.ndarray, span: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The longest gap, and how even gaps are, from their mean and mean square; the gaps of an edge make its span."""
    rows, columns = np.nonzero(active)
    same = rows[1:] == rows[:-1]
    owners, gaps = rows[1:][same], np.diff(columns)[same].astype(float)
    longest = np.zeros(len(active))
    np.maximum.at(longest, owners, gaps)
    squares = np.bincount(owners, gaps**2, minlength=len(active))
    number = np.maximum(hours - 1, 1)
    mean = span / number
    variation = np.sqrt(np.maximum(squares / number - mean**2, 0)) / np.where(mean > 0, mean, 1)
    return longest, np.where(hours >= _REGULAR_FROM, 1 / (1 + variation), 0.0)


def _periodicity(active: np.ndarray, hours: np.ndarray, span: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    daily, weekly = (
        np.where(span >= 2 * period, _lattice_share(active, period) / np.maximum(hours, 1), 0.0)
        for period in (DAY, WEEK)
    )
    return np.maximum(daily, weekly), weekly > daily


def _lattice_share(active: np.ndarray, period: int) -> np.ndarray:
    """Most active hours that lie within an hour of one phase of the period."""
    padded = np.pad(active, ((0, 0), (0, -active.shape[1] % period)))
    phases = padded.reshape(len(active), -1, period).sum(axis=1, dtype=np.int32)
    around = phases + np.roll(phases, 1, axis=1) + np.roll(phases, -1, axis=1)
    return around.max(axis=1) if len(active) else np.zeros(0)
