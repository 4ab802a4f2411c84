"""Where a rule allows more than was seen, on purpose: what may be joined, and what that opens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NamePatterns(StrEnum):
    """When sibling DNS names become one pattern."""

    NEVER = "never"
    """Every name stays exact."""
    GROWING = "growing"
    """Where new siblings kept appearing, so that the exact names would have cut some of them."""
    SIBLINGS = "siblings"
    """Wherever there are enough siblings."""


class DynamicPorts(StrEnum):
    """How the ports are written that a server picks anew for each connection."""

    RANGE = "range"
    """As a range, for a person to review."""
    EXACT = "exact"
    """One by one, as seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WideningLimits:
    """How far rules may go beyond what was seen."""

    names: NamePatterns = NamePatterns.GROWING
    ports: DynamicPorts = DynamicPorts.RANGE
    cidr_budget: float = 1.0
    """Unseen addresses that a joined prefix may open for each one that was seen in it (IPv6: /64 networks)."""


class WideningKind(StrEnum):
    """What was widened."""

    PORT_RANGE = "port-range"
    NAME_PATTERN = "name-pattern"
    ADDRESS_PREFIXES = "address-prefixes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """What a rule allows beyond what was seen."""

    kind: WideningKind
    seen: int
    """Ports, names or addresses that were seen."""
    opened: int | None
    """Ports, or addresses (IPv6: /64 networks), that were not seen and are allowed; None where there is no end to
    them, as for names."""
    sentence: str
    """The same in words."""
