"""Reading ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2): ordered rules before or after all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.edge import Protocol
from recommender.model.policy import Direction
from recommender.semantics.cluster_network_peers import KUBE_DNS_PORTS, Peers, kube_dns, of_namespaces, read_peers
from recommender.semantics.compiled import CompiledRule, Section
from recommender.semantics.ports import MAX_PORT, TRANSPORTS, PortMatch, is_port_name, named, single
from recommender.semantics.selectors import Selector, kubernetes_key, read_selector
from recommender.semantics.tier import ADMIN, BASELINE

if TYPE_CHECKING:
    from recommender.semantics.document import Node
    from recommender.semantics.ports import PortMatches
    from recommender.semantics.settings import SemanticsSettings

MAX_RULES: Final = 25
MAX_ITEMS: Final = 25
"""Of peers, and of protocols, of one rule."""
MAX_PRIORITY: Final = 1000
_MAX_NAME: Final = 100
_TIERS: Final = {tier.name: tier for tier in (ADMIN, BASELINE)}
_ACTIONS: Final = ("Accept", "Deny", "Pass")
_PROTOCOLS: Final = {"tcp": Protocol.TCP, "udp": Protocol.UDP, "sctp": Protocol.SCTP}


def read_cluster_network_policy(spec: Node, *, settings: SemanticsSettings) -> tuple[Section, ...]:
    """What does a ClusterNetworkPolicy say?

    It never isolates: what none of its rules matches goes on to the next tier.
    Source: network-policy-api v0.2.0, `apis/v1alpha2`; Cilium `ParseClusterNetworkPolicy`.

    Args:
        spec: Its `spec`.
        settings: The local cluster's name.

    Raises:
        InvalidPolicyError: The CRD's schema would refuse it.
    """
    spec.known("tier", "priority", "subject", "ingress", "egress")
    tier = spec.need("tier")
    if tier.text() not in _TIERS:
        raise tier.refusal(f'unsupported value "{tier.value}"; supported are Admin and Baseline')
    priority = spec.need("priority")
    if not 0 <= priority.integer() <= MAX_PRIORITY:
        raise priority.refusal(f"must be between 0 and {MAX_PRIORITY}")
    subject = _read_subject(spec.need("subject"), settings)
    sections = []
    for direction in Direction:
        rules = spec.list_of(direction.value)
        if len(rules) > MAX_RULES:
            raise spec.refusal(f"too many {direction.value} rules, the maximum is {MAX_RULES}")
        if rules:
            compiled = tuple(found for rule in rules for found in _read_rule(rule, direction, settings))
            sections.append(
                Section(
                    policy=spec.policy,
                    subject=subject,
                    direction=direction,
                    isolates=False,
                    rules=compiled,
                    tier=_TIERS[tier.text()],
                    priority=priority.integer(),
                    tie=spec.policy,
                )
            )
    return tuple(sections)


def _read_subject(subject: Node, settings: SemanticsSettings) -> Selector:
    subject.known("namespaces", "pods")
    namespaces, pods = subject.get("namespaces"), subject.get("pods")
    if (namespaces is None) == (pods is None):
        raise subject.refusal("must have exactly one of namespaces and pods")
    if namespaces:
        return of_namespaces(namespaces, settings)
    pods = subject.need("pods").known("namespaceSelector", "podSelector")
    return read_selector(pods.need("podSelector"), kubernetes_key()).plus(
        *of_namespaces(pods.need("namespaceSelector"), settings).requirements
    )


def _read_rule(rule: Node, direction: Direction, settings: SemanticsSettings) -> tuple[CompiledRule, ...]:
    field = "from" if direction is Direction.INGRESS else "to"
    rule.known("name", "action", "protocols", field)
    name = rule.get("name")
    if name and len(name.text()) > _MAX_NAME:
        raise name.refusal(f"may not be longer than {_MAX_NAME} characters")
    action = rule.need("action")
    if action.text() not in _ACTIONS:
        raise action.refusal(f'unsupported value "{action.value}"; supported are {", ".join(_ACTIONS)}')
    items = rule.list_of(field)
    if not 1 <= len(items) <= MAX_ITEMS:
        raise rule.refusal(f"{field} must have 1 to {MAX_ITEMS} peers")
    ports = _read_protocols(rule)
    peers = read_peers(items, direction, accepts=action.text() == "Accept", settings=settings)
    if peers.without_pods and ports and any(port.name for port in ports):
        raise rule.refusal("destinationNamedPort cannot be used with networks, nodes or domainNames")
    return _compile(rule, action.text(), peers, ports)


def _compile(rule: Node, action: str, peers: Peers, ports: PortMatches | None) -> tuple[CompiledRule, ...]:
    """What is to be denied for caution comes first; then the rule itself, and the DNS lookups its names need."""
    found = []
    if peers.denied:
        found.append(CompiledRule(peers=peers.denied, ports=ports, path=rule.path, deny=True))
    found.append(
        CompiledRule(peers=peers.matched, ports=ports, path=rule.path, deny=action == "Deny", passes=action == "Pass")
    )
    if peers.names:
        found.append(
            CompiledRule(
                peers=(kube_dns(),), ports=KUBE_DNS_PORTS, path=rule.path, redirect=True, dns_names=peers.names
            )
        )
    return tuple(found)


def _read_protocols(rule: Node) -> PortMatches | None:
    items = rule.get("protocols")
    if items is None:
        return None
    if not 1 <= len(items.items()) <= MAX_ITEMS:
        raise items.refusal(f"must have 1 to {MAX_ITEMS} items")
    return tuple(_read_protocol(item) for item in items.items())


def _read_protocol(item: Node) -> PortMatch:
    item.known(*_PROTOCOLS, "destinationNamedPort")
    if len(item.value) != 1:
        raise item.refusal("must have exactly one of tcp, udp, sctp and destinationNamedPort")
    key = next(iter(item.value))
    if key == "destinationNamedPort":
        name = item.need(key)
        if not is_port_name(name.text()):
            raise name.refusal(f'"{name.value}" is not a port name')
        return named(TRANSPORTS, name.text())
    protocols = frozenset({_PROTOCOLS[key]})
    port = item.need(key).known("destinationPort").need("destinationPort").known("number", "range")
    number, span = port.get("number"), port.get("range")
    if (number is None) == (span is None):
        raise port.refusal("must have exactly one of number and range")
    if number:
        return single(protocols, _port_number(number))
    span = port.need("range").known("start", "end")
    start, end = _port_number(span.need("start")), _port_number(span.need("end"))
    if start >= end:
        raise span.refusal("start must be less than end")
    return single(protocols, start, end)


def _port_number(node: Node) -> int:
    if not 1 <= node.integer() <= MAX_PORT:
        raise node.refusal(f"must be between 1 and {MAX_PORT}")
    return node.integer()
