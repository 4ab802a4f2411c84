"""Protocols, ports and ICMP types of a Calico rule."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from recommender.model.edge import Protocol
from recommender.semantics.ports import MAX_PORT, TRANSPORTS, PortMatch, every, named, single

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.semantics.document import Node
    from recommender.semantics.ports import PortMatches

_PROTOCOLS: Final[Mapping[str, Protocol | None]] = {
    "TCP": Protocol.TCP,
    "UDP": Protocol.UDP,
    "SCTP": Protocol.SCTP,
    "ICMP": Protocol.ICMP,
    "ICMPV6": Protocol.ICMPV6,
    "UDPLITE": None,
}
_NUMBERS: Final = {1: Protocol.ICMP, 6: Protocol.TCP, 17: Protocol.UDP, 58: Protocol.ICMPV6, 132: Protocol.SCTP}
_MAX_PROTOCOL: Final = 255
_MAX_ICMP: Final = 254
"""The largest type and code that Calico takes."""
_LAST_ICMP_TYPE: Final = 255
_RANGE: Final = re.compile(r"(\d{1,5}):(\d{1,5})")
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
_ICMP: Final = frozenset({Protocol.ICMP, Protocol.ICMPV6})


def read_port_matches(rule: Node, destination: Node | None) -> PortMatches | None:
    """Which destination ports of which protocols does a rule cover? None: every port of every protocol.

    A protocol of which no flow is ever judged, such as UDPLite, covers nothing.
    Source: Calico docs, "Rule", "Ports", "ICMP"; `libcalico-go/lib/validator/v3` (validateRule).

    Raises:
        InvalidPolicyError: Calico would refuse it, or it cannot be judged: an ICMP code, a name among `notPorts`.
    """
    chosen, unwanted = rule.get("protocol"), rule.get("notProtocol")
    protocols = frozenset(Protocol)
    if chosen:
        protocols &= _read_protocol(chosen)
    if unwanted:
        protocols -= _read_protocol(unwanted)
    ports, not_ports = _port_lists(destination)
    icmp, not_icmp = rule.get("icmp"), rule.get("notICMP")
    if (ports or not_ports) and not (chosen and _read_protocol(chosen) <= TRANSPORTS):
        raise rule.refusal("ports need a protocol that has ports: TCP, UDP or SCTP")
    if (icmp or not_icmp) and not (chosen and _read_protocol(chosen) <= _ICMP):
        raise rule.refusal("icmp and notICMP need protocol ICMP or ICMPv6")
    if not (chosen or unwanted):
        return None
    found: PortMatches = (every(protocols),) if protocols else ()
    if ports and found:
        found = tuple(_read_port(item, protocols) for item in ports)
    if icmp and found:
        found = _of_type(found, _read_type(icmp))
    if not_ports and any(match.name for match in found):
        raise rule.refusal("a named port beside notPorts cannot be judged here; give its number")
    if not_ports:
        found = _without(found, [_numbers(item) for item in not_ports])
    unwanted_type = _read_type(not_icmp) if not_icmp else None
    return found if unwanted_type is None else _without(found, [(unwanted_type, unwanted_type)])


def _port_lists(destination: Node | None) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    if destination is None:
        return (), ()
    return destination.list_of("ports"), destination.list_of("notPorts")


def _read_protocol(node: Node) -> frozenset[Protocol]:
    """By name in any case, or by number."""
    value = node.value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if not 1 <= value <= _MAX_PROTOCOL:
            raise node.refusal(f"must be between 1 and {_MAX_PROTOCOL}")
        return frozenset({_NUMBERS[value]} if value in _NUMBERS else ())
    name = node.text().upper()
    if name not in _PROTOCOLS:
        raise node.refusal(f'"{node.value}" is no protocol that Calico knows by name')
    protocol = _PROTOCOLS[name]
    return frozenset({protocol} if protocol else ())


def _read_port(node: Node, protocols: frozenset[Protocol]) -> PortMatch:
    """A number, a range `first:last`, or the name of a container port."""
    if isinstance(node.value, str) and not node.value.isdigit() and not _RANGE.fullmatch(node.value):
        if not _NAME.fullmatch(node.value):
            raise node.refusal(f'"{node.value}" is no port, range or name of a port')
        return named(protocols, node.value)
    low, high = _numbers(node)
    return single(protocols, low, high)


def _numbers(node: Node) -> tuple[int, int]:
    text = node.value
    if isinstance(text, str) and text.isascii() and text.isdigit():
        low = high = int(text)
    elif isinstance(text, str):
        span = _RANGE.fullmatch(text)
        if span is None:
            raise node.refusal("a named port cannot be judged here; give its number")
        low, high = int(span[1]), int(span[2])
    else:
        low = high = node.integer()
    if not 1 <= low <= high <= MAX_PORT:
        raise node.refusal(f"must be between 1 and {MAX_PORT}, the first of a range not above the last")
    return low, high


def _read_type(node: Node) -> int | None:
    node.known("type", "code")
    kind, code = node.get("type"), node.get("code")
    if code and not kind:
        raise node.refusal("an ICMP code needs a type")
    if code:
        raise code.refusal("cannot be judged: flows are known by their ICMP type only")
    if kind is None:
        return None
    if not 0 <= kind.integer() <= _MAX_ICMP:
        raise kind.refusal(f"must be between 0 and {_MAX_ICMP}")
    return kind.integer()


def _of_type(matches: PortMatches, kind: int | None) -> PortMatches:
    return matches if kind is None else tuple(replace(match, low=kind, high=kind) for match in matches)


def _without(matches: PortMatches, spans: Iterable[tuple[int, int]]) -> PortMatches:
    """What is left of the matches outside the spans; names stay as they are."""
    left = list(matches)
    for low, high in spans:
        left = [part for match in left for part in _cut(match, low, high)]
    return tuple(left)


def _cut(match: PortMatch, low: int, high: int) -> tuple[PortMatch, ...]:
    if match.name:
        return (match,)
    last = min(match.high, _LAST_ICMP_TYPE) if match.protocols <= _ICMP else match.high
    below = replace(match, high=min(last, low - 1))
    above = replace(match, low=max(match.low, high + 1), high=last)
    return tuple(part for part in (below, above) if part.low <= part.high)
