"""What one client asked under one domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.edge import End


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupLoad:
    """Lookups of many different names under one domain, as the DNS proxy recorded them."""

    client: End
    domain: str
    """The last two labels of the names; three where the second last is as short as in `example.co.uk`."""
    names: int
    """Distinct names."""
    lookups: int
    """Requests; asking for two record types is two."""
    mean_length: float
    """Characters before the domain, over distinct names."""
    examples: tuple[str, ...]
    """At most three names, smallest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconnectedNames:
    """Outside names that one client was told the addresses of, and called none."""

    client: End
    count: int
    """Distinct names."""
    names: tuple[str, ...]
    """At most twenty, smallest first."""
