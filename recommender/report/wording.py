"""Numbers in words."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 edge`, `2,000 edges`, `3 policies`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
