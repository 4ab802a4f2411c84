"""When was an edge seen? The hours of the capture as bits, small enough for months and many edges."""

from __future__ import annotations

from typing import Final

HOUR_NS: Final = 3_600_000_000_000
MAX_HOURS: Final = 400 * 24
"""Hours that activity reaches back at most: one record with a wrong clock must not make every edge as long as it."""


def active_hours(activity: bytes) -> tuple[int, ...]:
    """The hours (0 is the capture's first) whose bits are set, in order.

    The first hour is the highest bit of the first byte, as `numpy.packbits` and DuckDB's BIT type have it.
    """
    return tuple(
        8 * place + bit for place, byte in enumerate(activity) if byte for bit in range(8) if byte & 128 >> bit
    )


def first_hour(first_seen: int, last_seen: int) -> int:
    """The hour since the epoch that activity counts from, given a capture's first and last nanosecond."""
    return max(first_seen // HOUR_NS, last_seen // HOUR_NS - MAX_HOURS + 1)
