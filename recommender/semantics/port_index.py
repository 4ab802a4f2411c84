"""Rules by the ports that they cover, so that a port is looked up instead of compared with every rule."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.edge import Protocol
    from recommender.semantics.ports import PortMatches

NamedPorts = tuple[tuple[str, "Protocol | str", int], ...]
"""Name, protocol and number of each of a destination's named ports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortIndex:
    """Which of many rules cover a port? Rules are known by their numbers."""

    portless: frozenset[int]
    """Rules on every port of every protocol."""
    exact: Mapping[tuple[Protocol, int], frozenset[int]]
    """Rules that list the number itself."""
    ranges: Mapping[Protocol, tuple[tuple[int, int, frozenset[int]], ...]]
    """(first, last, rules) of ranges, both ends included."""
    named: Mapping[tuple[str, Protocol], frozenset[int]]
    _known: dict[tuple[Protocol, int, tuple[str, ...]], frozenset[int]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Many destinations share what covers a port of theirs."""

    @classmethod
    def of(cls, ports: Mapping[PortMatches, frozenset[int]], *, portless: frozenset[int]) -> PortIndex:
        """The index of rules by what they match."""
        exact: defaultdict[tuple[Protocol, int], set[int]] = defaultdict(set)
        ranges: defaultdict[tuple[Protocol, int, int], set[int]] = defaultdict(set)
        named: defaultdict[tuple[str, Protocol], set[int]] = defaultdict(set)
        for matches, rules in ports.items():
            for match in matches:
                for protocol in match.protocols:
                    if match.name:
                        named[match.name, protocol] |= rules
                    elif match.low == match.high:
                        exact[protocol, match.low] |= rules
                    else:
                        ranges[protocol, match.low, match.high] |= rules
        by_protocol: defaultdict[Protocol, list[tuple[int, int, frozenset[int]]]] = defaultdict(list)
        for (protocol, low, high), numbers in ranges.items():
            by_protocol[protocol].append((low, high, frozenset(numbers)))
        return cls(
            portless=portless,
            exact={key: frozenset(found) for key, found in exact.items()},
            ranges={protocol: tuple(spans) for protocol, spans in by_protocol.items()},
            named={key: frozenset(found) for key, found in named.items()},
        )

    def covering(self, protocol: Protocol, port: int, named_ports: NamedPorts) -> frozenset[int]:
        """Which rules cover this port of a destination with these named ports?"""
        names = tuple(name for name, of, number in named_ports if of == protocol and number == port)
        key = (protocol, port, names)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._covering(protocol, port, names)
        return known

    def _covering(self, protocol: Protocol, port: int, names: tuple[str, ...]) -> frozenset[int]:
        ranged = (rules for low, high, rules in self.ranges.get(protocol, ()) if low <= port <= high)
        named = (self.named.get((name, protocol), frozenset[int]()) for name in names)
        return self.portless.union(self.exact.get((protocol, port), ()), *ranged, *named)

    def turning_points(self, protocol: Protocol, first: int, last: int, named_ports: NamedPorts) -> list[int]:
        """The first port of a range, and those at which other rules may cover than cover the port before."""
        points = {first}
        for of, port in self.exact:
            if of is protocol:
                points |= {port, port + 1}
        for low, high, _ in self.ranges.get(protocol, ()):
            points |= {low, high + 1}
        for _, of_name, number in named_ports:
            if of_name == protocol:
                points |= {number, number + 1}
        return sorted(point for point in points if first <= point <= last)
