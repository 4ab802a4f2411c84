"""`toPorts` and `icmps` of a Cilium rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.edge import Protocol
from recommender.semantics.cilium_layer7 import LAYER7_FIELDS, check_server_names, read_layer7
from recommender.semantics.compiled import CompiledRule
from recommender.semantics.icmp_types import ICMP_TYPES
from recommender.semantics.ports import MAX_PORT, TRANSPORTS, PortMatch, every, is_port_name, named, single

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.policy import Direction
    from recommender.semantics.document import Node
    from recommender.semantics.peers import Peer
    from recommender.semantics.ports import PortMatches

MAX_ITEMS: Final = 40
"""Cilium's limit on ports (and ICMP fields) of one item."""

_PROTOCOLS: Final[Mapping[str, frozenset[Protocol]]] = {
    "ANY": TRANSPORTS,
    "TCP": frozenset({Protocol.TCP}),
    "UDP": frozenset({Protocol.UDP}),
    "SCTP": frozenset({Protocol.SCTP}),
    "VRRP": frozenset(),
    "IGMP": frozenset(),
    "GRE": frozenset(),
    "IPIP": frozenset(),
    "IPV6": frozenset(),
    "ESP": frozenset(),
    "AH": frozenset(),
}
_FAMILIES: Final[Mapping[str, Protocol]] = {"IPv4": Protocol.ICMP, "IPv6": Protocol.ICMPV6}
_MAX_ICMP_TYPE: Final = 255


def read_port_rule(item: Node, direction: Direction, peers: tuple[Peer, ...], *, deny: bool, path: str) -> CompiledRule:
    """What does one item of `toPorts` say for these peers?

    Source: Cilium `pkg/policy/api/rule_validation.go`.

    Args:
        item: The item.
        direction: Of the rule.
        peers: Of the rule.
        deny: Whether the rule denies; then layer 7 is refused.
        path: Where a reader finds it in the document.

    Raises:
        InvalidPolicyError: More than 40 ports, a port, protocol or layer-7 rule that Cilium refuses.
    """
    item.known("ports", *(() if deny else LAYER7_FIELDS))
    ports = item.list_of("ports")
    if len(ports) > MAX_ITEMS:
        raise item.refusal(f"too many ports, the maximum is {MAX_ITEMS}")
    compiled = tuple(_read_port(port) for port in ports)
    if deny:
        return CompiledRule(peers=peers, ports=compiled, path=path, deny=True)
    check_server_names(item)
    layer7 = read_layer7(item, direction, compiled)
    return CompiledRule(
        peers=peers,
        ports=compiled,
        path=path,
        redirect=layer7.redirect,
        dns_names=layer7.dns_names,
        http=layer7.http,
    )


def _read_port(node: Node) -> PortMatch:
    node.known("port", "protocol", "endPort")
    protocol_node = node.get("protocol")
    protocol = protocol_node.text().upper() if protocol_node else "ANY"
    if protocol not in _PROTOCOLS:
        raise node.refusal(f'invalid protocol "{protocol}"; must be one of {", ".join(_PROTOCOLS)}')
    port, end = node.get("port"), node.get("endPort")
    end_port = end.integer() if end else 0
    if not 0 <= end_port <= MAX_PORT:
        raise node.refusal(f"endPort must be between 0 and {MAX_PORT}")
    text = port.text() if port else ""
    if not text:
        if not _PROTOCOLS[protocol]:
            return every(_PROTOCOLS[protocol])
        raise node.refusal("port must be specified")
    if text.isascii() and text.isdigit():
        return _numbered(node, _PROTOCOLS[protocol], int(text), end_port)
    if not is_port_name(text):
        raise node.refusal(f'"{text}" is neither a port number nor a port name')
    return named(_PROTOCOLS[protocol], text)


def _numbered(node: Node, protocols: frozenset[Protocol], number: int, end_port: int) -> PortMatch:
    if number > MAX_PORT:
        raise node.refusal(f"port {number} is out of range")
    return single(protocols, number, end_port) if number else every(protocols)


def read_icmps(items: tuple[Node, ...]) -> PortMatches:
    """Which ICMP types does `icmps` name?

    Type 0 acts as every type of its family in Cilium's engine.

    Raises:
        InvalidPolicyError: More than 40 fields, an unknown family or an unknown type.
    """
    matches: list[PortMatch] = []
    for item in items:
        item.known("fields")
        fields = item.list_of("fields")
        if len(fields) > MAX_ITEMS:
            raise item.refusal(f"too many types, the maximum is {MAX_ITEMS}")
        matches.extend(_read_icmp(field) for field in fields)
    return tuple(matches)


def _read_icmp(field: Node) -> PortMatch:
    field.known("family", "type")
    family_node = field.get("family")
    family = family_node.text() if family_node else "IPv4"
    if family not in _FAMILIES:
        raise field.refusal(f'wrong family "{family}"; must be IPv4 or IPv6')
    node = field.need("type")
    number = _icmp_number(node, _FAMILIES[family]) if isinstance(node.value, str) else node.integer()
    if not 0 <= number <= _MAX_ICMP_TYPE:
        raise node.refusal(f"ICMP type must be between 0 and {_MAX_ICMP_TYPE}")
    protocols = frozenset({_FAMILIES[family]})
    return single(protocols, number) if number else every(protocols)


def _icmp_number(node: Node, protocol: Protocol) -> int:
    text = node.text()
    if text.isascii() and text.isdigit():
        return int(text)
    if text not in ICMP_TYPES[protocol]:
        raise node.refusal(f'ICMP type "{text}" is not known in {protocol}')
    return ICMP_TYPES[protocol][text]
