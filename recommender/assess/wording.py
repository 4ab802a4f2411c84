"""Counts in words."""

from __future__ import annotations


def counted(number: int, word: str) -> str:
    """`1 day`, `3 days`, `1,204 connections`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
