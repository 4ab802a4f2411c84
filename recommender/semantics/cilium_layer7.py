"""Layer-7 parts of a Cilium `toPorts` item: whether they are valid, what goes to a proxy, and what HTTP passes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import re2

from recommender.model.edge import Protocol
from recommender.model.policy import Direction
from recommender.semantics.http_match import HttpMatch, compile_expression
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
    http: tuple[HttpMatch, ...] = ()
    """The only requests that pass; empty: no HTTP rule asks."""


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
    if rules.get("http") is None and rules.get("dns") is None:
        raise rules.refusal("must have one of http and dns")
    http, dns = rules.list_of("http"), rules.list_of("dns")
    if dns and direction is Direction.INGRESS:
        raise rules.refusal("dns rules are not supported on ingress")
    if http and dns:
        raise rules.refusal("http and dns rules cannot be combined in one item")
    if (http or dns) and any(not port.name and port.low == 0 for port in ports):
        raise rules.refusal("layer-7 rules cannot be used with port 0")
    return Layer7(
        redirect=redirect or bool(http or dns),
        dns_names=_read_dns(rules, dns, ports) if dns else (),
        http=_read_http(rules, http, ports) if http else (),
    )


def check_server_names(item: Node) -> None:
    """Refuse TLS server names that Cilium refuses: empty ones, and any beside layer-7 rules without TLS termination."""
    names = item.list_of("serverNames")
    if any(not name.text() for name in names):
        raise item.refusal("an empty server name is not allowed")
    if names and item.get("rules") and not item.get("terminatingTLS"):
        raise item.refusal("serverNames are not allowed with layer-7 rules without TLS termination")


def _read_http(rules: Node, http: tuple[Node, ...], ports: PortMatches) -> tuple[HttpMatch, ...]:
    if any(port.protocols != {Protocol.TCP} for port in ports):
        raise rules.refusal("http rules can only apply to TCP")
    return tuple(_read_http_rule(rule) for rule in http)


def _read_http_rule(rule: Node) -> HttpMatch:
    rule.known("path", "method", "host", "headers", "headerMatches")
    path, method, host = (_read_expression(rule.get(field)) for field in ("path", "method", "host"))
    further = bool(host or rule.list_of("headers") or rule.list_of("headerMatches"))
    return HttpMatch(method=method, path=path, undecidable=further)


def _read_expression(node: Node | None) -> str:
    """Cilium compiles it with Go's regexp, Envoy with RE2, whose syntax is the same."""
    if node is None:
        return ""
    try:
        compile_expression(node.text())
    except re2.error as error:
        raise node.refusal(f"is not a regular expression: {error}") from None
    return node.text()


def _read_dns(rules: Node, dns: tuple[Node, ...], ports: PortMatches) -> tuple[NamePattern, ...]:
    if not ports:
        raise rules.refusal("port 53 must be specified for dns rules")
    if any(Protocol.SCTP in port.protocols and len(port.protocols) == 1 for port in ports):
        raise rules.refusal("dns rules can only apply to UDP, TCP or ANY")
    if any(not port.name and port.high != port.low for port in ports):
        raise rules.refusal("dns rules cannot be used with a port range")
    return tuple(read_name_pattern(item) for item in dns)
