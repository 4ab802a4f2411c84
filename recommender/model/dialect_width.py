"""How much the manifests of one dialect open in a cluster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectWidth:
    """What is open once a dialect's manifests are applied, by groups, whatever the port."""

    pairs: int
    """Pairs of two groups, one of which may open connections to the other."""
    to_world: int
    """Groups that may open connections to any address outside."""
    from_world: int
    """Groups that any address outside may open connections to."""
