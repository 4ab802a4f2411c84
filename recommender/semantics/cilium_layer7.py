"""Layer-7 parts of a Cilium `toPorts` item: only whether they are valid and whether they send traffic to a proxy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.edge import Protocol
from recommender.model.policy import Direction
from recommender.semantics.names import read_name_pattern

if TYPE_CHECKING:
    from recommender.semantics.document import Node
    from recommender.semantics.names import NamePattern
    from recommender.semantics.ports import PortMatches

LAYER7_FIELDS: Final = ("rules", "serverNames", "terminatingTLS", "originatingTLS", "listener")
"""Fields of a `toPorts` item beside `ports`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer7:
    """What matters of it for the verdict on a connection."""

    redirect: bool
    dns_names: tuple[NamePattern, ...] = ()


def read_layer7(item: Node, direction: Direction, ports: PortMatches) -> Layer7:
    """Does this item send what it allows to a proxy?

    An empty `http` list is a plain layer-4 rule.

    Args:
        item: The item of `toPorts`.
        direction: Of the rule.
        ports: The item's ports.

    Raises:
        InvalidPolicyError: Two kinds of rules in one item, or rules on ports that no proxy serves.
    """
    redirect = bool(item.list_of("serverNames") or item.get("listener"))
    rules = item.get("rules")
    if rules is None:
        return Layer7(redirect=redirect)
    rules.known("http", "dns")
    http, dns = rules.list_of("http"), rules.list_of("dns")
    if dns and direction is Direction.INGRESS:
        raise rules.refusal("dns rules are not supported on ingress")
    if http and dns:
        raise rules.refusal("http and dns rules cannot be combined in one item")
    if (http or dns) and any(not port.name and port.low == 0 for port in ports):
        raise rules.refusal("layer-7 rules cannot be used with port 0")
    if http:
        _check_http(rules, http, ports)
    names = _read_dns(rules, dns, ports) if dns else ()
    return Layer7(redirect=redirect or bool(http or dns), dns_names=names)


def check_server_names(item: Node) -> None:
    """Refuse TLS server names that Cilium refuses: empty ones, and any beside layer-7 rules without TLS termination."""
    names = item.list_of("serverNames")
    if any(not name.text() for name in names):
        raise item.refusal("an empty server name is not allowed")
    if names and item.get("rules") and not item.get("terminatingTLS"):
        raise item.refusal("serverNames are not allowed with layer-7 rules without TLS termination")


def _check_http(rules: Node, http: tuple[Node, ...], ports: PortMatches) -> None:
    if any(port.protocols != {Protocol.TCP} for port in ports):
        raise rules.refusal("http rules can only apply to TCP")
    for rule in http:
        rule.known("path", "method", "host", "headers", "headerMatches")
        for field in ("path", "method", "host"):
            expression = rule.get(field)
            if expression:
                _check_expression(expression)


def _check_expression(node: Node) -> None:
    try:
        re.compile(node.text())
    except (re.error, OverflowError, RecursionError) as error:
        raise node.refusal(f"is not a regular expression: {error}") from None


def _read_dns(rules: Node, dns: tuple[Node, ...], ports: PortMatches) -> tuple[NamePattern, ...]:
    if not ports:
        raise rules.refusal("port 53 must be specified for dns rules")
    if any(Protocol.SCTP in port.protocols and len(port.protocols) == 1 for port in ports):
        raise rules.refusal("dns rules can only apply to UDP, TCP or ANY")
    if any(not port.name and port.high != port.low for port in ports):
        raise rules.refusal("dns rules cannot be used with a port range")
    return tuple(read_name_pattern(item) for item in dns)
