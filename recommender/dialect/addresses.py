"""Addresses as prefixes, for dialects that have neither names nor entities."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EVERYWHERE: Final = ("0.0.0.0/0", "::/0")
_SHOWN: Final = 5


def single_prefixes(addresses: Iterable[str]) -> list[str]:
    """The addresses as /32 and /128, IPv4 first; what is no address is left out."""
    parsed = [address for text in set(addresses) if (address := _address(text))]
    ordered = sorted(parsed, key=lambda address: (address.version, int(address)))
    return [f"{address}/{address.max_prefixlen}" for address in ordered]


def by_family(prefixes: Iterable[str]) -> list[list[str]]:
    """The prefixes of IPv4 and those of IPv6, in lists of their own where there are any."""
    kept = list(prefixes)
    four, six = [text for text in kept if ":" not in text], [text for text in kept if ":" in text]
    return [family for family in (four, six) if family]


def seen_at(addresses: Sequence[str]) -> str:
    """`, seen at …` with a few of them; empty without any."""
    if not addresses:
        return ""
    more = f" and {len(addresses) - _SHOWN} more" if len(addresses) > _SHOWN else ""
    return f", seen at {', '.join(addresses[:_SHOWN])}{more}"


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
