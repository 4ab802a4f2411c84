"""Rules by the ports that they cover, so that a port is looked up instead of compared with every rule."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.edge import Protocol
    from recommender.semantics.ports import PortMatches

NamedPorts = tuple[tuple[str, "Protocol | str", int], ...]
"""Name, protocol and number of each of a destination's named ports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortIndex:
    """Which of many rules cover a port? A set of rules is the bits of an integer."""

    portless: int
    """Rules on every port of every protocol."""
    exact: Mapping[tuple[Protocol, int], int]
    """Rules that list the number itself."""
    ranges: Mapping[Protocol, tuple[tuple[int, int, int], ...]]
    """(first, last, rules) of ranges, both ends included."""
    named: Mapping[tuple[str, Protocol], int]

    @classmethod
    def of(cls, ports: Mapping[PortMatches, int], *, portless: int) -> PortIndex:
        """The index of rules by what they match."""
        exact: defaultdict[tuple[Protocol, int], int] = defaultdict(int)
        ranges: defaultdict[tuple[Protocol, int, int], int] = defaultdict(int)
        named: defaultdict[tuple[str, Protocol], int] = defaultdict(int)
        for matches, rules in ports.items():
            for match in matches:
                for protocol in match.protocols:
                    if match.name:
                        named[match.name, protocol] |= rules
                    elif match.low == match.high:
                        exact[protocol, match.low] |= rules
                    else:
                        ranges[protocol, match.low, match.high] |= rules
        by_protocol: defaultdict[Protocol, list[tuple[int, int, int]]] = defaultdict(list)
        for (protocol, low, high), rules in ranges.items():
            by_protocol[protocol].append((low, high, rules))
        return cls(
            portless=portless,
            exact=dict(exact),
            ranges={protocol: tuple(found) for protocol, found in by_protocol.items()},
            named=dict(named),
        )

    def covering(self, protocol: Protocol, port: int, named_ports: NamedPorts) -> int:
        """Which rules cover this port of a destination with these named ports?"""
        rules = self.portless | self.exact.get((protocol, port), 0)
        for low, high, ranged in self.ranges.get(protocol, ()):
            if low <= port <= high:
                rules |= ranged
        for name, of, number in named_ports:
            if of == protocol and number == port:
                rules |= self.named.get((name, protocol), 0)
        return rules

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
