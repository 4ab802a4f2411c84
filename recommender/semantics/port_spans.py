"""Sets of ports as spans, exact to the port: an answer changes only where a port of a rule begins or ends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from recommender.model.connection import Outcome
from recommender.model.edge import Protocol
from recommender.semantics.ports import MAX_PORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.semantics.identity import Identity
    from recommender.semantics.rule_table import Rules, RuleTable

_LARGEST: Final[Mapping[Protocol, int]] = {
    Protocol.TCP: MAX_PORT,
    Protocol.UDP: MAX_PORT,
    Protocol.SCTP: MAX_PORT,
    Protocol.ICMP: 255,
    Protocol.ICMPV6: 255,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSpan:
    """An inclusive range of ports (for ICMP: types) of one protocol."""

    protocol: Protocol
    low: int
    high: int
    proxied: bool = False
    """Sent to the L7 proxy, which may still refuse a request."""

    def __str__(self) -> str:
        if (self.low, self.high) == (_first(self.protocol), _LARGEST[self.protocol]):
            text = f"{self.protocol}/*"
        else:
            text = f"{self.protocol}/{self.low}" if self.low == self.high else f"{self.protocol}/{self.low}-{self.high}"
        return f"{text} (L7)" if self.proxied else text


EVERY_PORT: Final = tuple(
    PortSpan(protocol=protocol, low=1 if protocol.has_ports else 0, high=largest)
    for protocol, largest in _LARGEST.items()
)
"""Unrestricted: all protocols, all ports."""


def spans_text(spans: tuple[PortSpan, ...]) -> str:
    """`all`, or the spans in order: `TCP/443, UDP/53`."""
    return "all" if spans == EVERY_PORT else ", ".join(map(str, spans))


def allowed_spans(table: RuleTable, rules: Rules, destination: Identity, *, isolated: int) -> tuple[PortSpan, ...]:
    """On which ports do these rules allow what they match?

    Args:
        table: The rules of one direction.
        rules: Those whose subject is one end and whose peers include the other.
        destination: For named ports.
        isolated: Bits of the stages of the table in which default deny holds where none of them matches.
    """
    found: list[PortSpan] = []
    for protocol, largest in _LARGEST.items():
        cuts = [*sorted(_cuts(table, rules, destination, protocol)), largest + 1]
        for low, after in pairwise(cuts):
            matching = rules & table.port_rules(protocol, low, destination)
            decision = table.decide(matching, isolated=isolated)
            if decision.outcome is Outcome.ALLOWED:
                proxied = bool(decision.rules & table.redirecting)
                _append(found, PortSpan(protocol=protocol, low=low, high=after - 1, proxied=proxied))
    return tuple(found)


def _cuts(table: RuleTable, rules: Rules, destination: Identity, protocol: Protocol) -> set[int]:
    """Ports at which the answer may change."""
    found = {_first(protocol)}
    for matches, with_them in table.ports.items():
        if not with_them & rules:
            continue
        for match in matches:
            if protocol not in match.protocols:
                continue
            numbers = (
                [
                    (number, number)
                    for name, of, number in destination.named_ports
                    if name == match.name and of == protocol
                ]
                if match.name
                else [(match.low, match.high)]
            )
            found.update(cut for low, high in numbers for cut in (low, high + 1))
    return {cut for cut in found if _first(protocol) <= cut <= _LARGEST[protocol]}


def _append(found: list[PortSpan], span: PortSpan) -> None:
    last = found[-1] if found else None
    if last and (last.protocol, last.high + 1, last.proxied) == (span.protocol, span.low, span.proxied):
        found[-1] = PortSpan(protocol=span.protocol, low=last.low, high=span.high, proxied=span.proxied)
    else:
        found.append(span)


def common(first: tuple[PortSpan, ...], second: tuple[PortSpan, ...]) -> tuple[PortSpan, ...]:
    """Ports in both; proxied if either side sends them to a proxy."""
    if first == EVERY_PORT:
        return second
    if second == EVERY_PORT:
        return first
    found: list[PortSpan] = []
    for one in first:
        for other in second:
            low, high = max(one.low, other.low), min(one.high, other.high)
            if one.protocol is other.protocol and low <= high:
                _append(
                    found,
                    PortSpan(protocol=one.protocol, low=low, high=high, proxied=one.proxied or other.proxied),
                )
    return tuple(found)


def either(several: Iterable[tuple[PortSpan, ...]]) -> tuple[PortSpan, ...]:
    """Ports in any; proxied only where none of them allows without a proxy."""
    spans = [span for spans in several for span in spans]
    found: list[PortSpan] = []
    for protocol, largest in _LARGEST.items():
        own = [span for span in spans if span.protocol is protocol]
        cuts = sorted({_first(protocol), largest + 1, *(cut for span in own for cut in (span.low, span.high + 1))})
        for low, after in pairwise(cuts):
            over = [span for span in own if span.low <= low <= span.high]
            if over:
                proxied = all(span.proxied for span in over)
                _append(found, PortSpan(protocol=protocol, low=low, high=after - 1, proxied=proxied))
    return tuple(found)


def beyond(first: tuple[PortSpan, ...], second: tuple[PortSpan, ...]) -> tuple[PortSpan, ...]:
    """What the first allows and the second does not allow as freely: not at all, or only through a proxy."""
    found: list[PortSpan] = []
    for span in first:
        as_free = [
            (other.low, other.high)
            for other in second
            if other.protocol is span.protocol and (span.proxied or not other.proxied)
        ]
        low = span.low
        for start, end in sorted(as_free):
            if start > low and low <= span.high:
                last = min(start - 1, span.high)
                _append(found, PortSpan(protocol=span.protocol, low=low, high=last, proxied=span.proxied))
            low = max(low, end + 1)
        if low <= span.high:
            _append(found, PortSpan(protocol=span.protocol, low=low, high=span.high, proxied=span.proxied))
    return tuple(found)


def _first(protocol: Protocol) -> int:
    return 1 if protocol.has_ports else 0
