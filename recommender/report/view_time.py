"""Times of a capture in words that sort."""

from __future__ import annotations

from datetime import UTC, datetime

NANOSECONDS = 1_000_000_000


def iso_time(nanoseconds: int) -> str:
    """Nanoseconds since the epoch as ISO 8601 in UTC, with as many decimals as needed."""
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    whole = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    decimals = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{whole}{decimals}Z"
