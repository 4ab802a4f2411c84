"""Reading Calico's NetworkPolicy and GlobalNetworkPolicy (projectcalico.org/v3) with Calico's defaults and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.api_server import API_SERVER_PORTS
from recommender.model.edge import Protocol
from recommender.model.policy import Direction
from recommender.semantics.calico_entities import (
    ENTITY_FIELDS,
    CalicoScope,
    read_account_selector,
    read_expression,
    read_peer,
    read_selectors,
)
from recommender.semantics.calico_expression import Everything, mentions_global
from recommender.semantics.calico_ports import read_port_matches
from recommender.semantics.calico_selector import CalicoSelector, NarrowedSelector
from recommender.semantics.compiled import CompiledRule, Section
from recommender.semantics.ports import single

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.semantics.document import Node
    from recommender.semantics.ports import PortMatches
    from recommender.semantics.selectors import LabelSelector
    from recommender.semantics.tier import Tier

_SPEC_FIELDS: Final = (
    "tier",
    "order",
    "selector",
    "types",
    "ingress",
    "egress",
    "serviceAccountSelector",
    "performanceHints",
)
_GLOBAL_FIELDS: Final = ("namespaceSelector", "doNotTrack", "preDNAT", "applyOnForward")
_RULE_FIELDS: Final = (
    "action",
    "protocol",
    "notProtocol",
    "icmp",
    "notICMP",
    "ipVersion",
    "source",
    "destination",
    "http",
    "metadata",
)
_ACTIONS: Final = ("Allow", "Deny", "Log", "Pass")
_TYPES: Final = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}
_API_SERVER_PORTS: Final[PortMatches] = tuple(
    single(frozenset({Protocol.TCP}), port) for port in sorted(API_SERVER_PORTS)
)
"""The endpoints of `default/kubernetes` listen on one of them; which, no policy says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalicoTier:
    """A tier, and whether it denies what its policies select and none of its rules decides."""

    tier: Tier
    denies: bool


def read_calico_policy(
    spec: Node, *, name: str, scope: CalicoScope, tiers: Mapping[str, CalicoTier]
) -> tuple[Section, ...]:
    """What does a Calico policy say?

    Rules are asked in order within the policy, policies by `order` and name within their tier. `Log` decides nothing.
    Policies that are untracked or before NAT are for host endpoints only, so they say nothing about pods.
    Source: Calico docs, "Network policy", "Global network policy", "Tier"; `libcalico-go` validator and defaults.

    Args:
        spec: Its `spec`.
        name: Its name, for ties of `order`.
        scope: Its namespace (empty for a GlobalNetworkPolicy), the cluster, and the network sets that are given.
        tiers: By name; `default` is always among them.

    Raises:
        InvalidPolicyError: Calico would refuse it, or it says what cannot be judged; the reason says which.
    """
    spec.known(*_SPEC_FIELDS, *(() if scope.namespace else _GLOBAL_FIELDS))
    tier = _read_tier(spec, tiers)
    order = spec.get("order")
    subject = _read_subject(spec, scope)
    sections: list[Section] = []
    for direction in _read_types(spec):
        rules = [_read_rule(rule, direction, subject, scope) for rule in spec.list_of(direction.value)]
        # The first section isolates; each rule follows in one of its own, since it may narrow whom it is about.
        parts: list[tuple[LabelSelector, tuple[CompiledRule, ...]]] = [(subject, ()), *(one for one in rules if one)]
        sections += [
            Section(
                policy=spec.policy,
                subject=of,
                direction=direction,
                isolates=tier.denies and not number,
                rules=compiled,
                tier=tier.tier,
                priority=_number(order) if order else float("inf"),
                tie=f"{scope.namespace}/{name}" if scope.namespace else name,
            )
            for number, (of, compiled) in enumerate(parts)
        ]
    return () if _for_hosts_only(spec) else tuple(sections)


def _read_tier(spec: Node, tiers: Mapping[str, CalicoTier]) -> CalicoTier:
    node = spec.get("tier")
    name = node.text() if node else "default"
    if name not in tiers:
        raise spec.need("tier").refusal(f'the order of tier "{name}" is not known; give its Tier with the policies')
    return tiers[name or "default"]


def _read_subject(spec: Node, scope: CalicoScope) -> CalicoSelector:
    endpoint, namespaces = read_expression(spec, "selector"), read_expression(spec, "namespaceSelector")
    accounts = read_expression(spec, "serviceAccountSelector")
    given = ("selector", endpoint), ("namespaceSelector", namespaces), ("serviceAccountSelector", accounts)
    for field, expression in given:
        if expression is not None and mentions_global(expression):
            raise spec.need(field).refusal("global() is only for a rule's namespaceSelector")
    if accounts is not None:
        accounts = read_account_selector(spec.need("serviceAccountSelector"), accounts)
    return CalicoSelector(
        endpoint=endpoint or Everything(),
        namespaces=namespaces,
        accounts=accounts,
        namespace=scope.namespace,
        cluster=scope.cluster,
    )


def _read_types(spec: Node) -> tuple[Direction, ...]:
    """Left out, they follow from the rules: unlike NetworkPolicy, one with egress rules only leaves ingress alone."""
    items = spec.list_of("types")
    for item in items:
        if item.text() not in _TYPES:
            raise item.refusal(f'unsupported value "{item.value}"; supported are Ingress and Egress')
    if len({item.text() for item in items}) < len(items):
        raise spec.need("types").refusal("a type is given twice")
    if items:
        return tuple(direction for name, direction in _TYPES.items() if any(item.text() == name for item in items))
    found = tuple(direction for direction in _TYPES.values() if spec.list_of(direction.value))
    return found or (Direction.INGRESS,)


def _for_hosts_only(spec: Node) -> bool:
    switches = {field: spec.get(field) for field in ("doNotTrack", "preDNAT", "applyOnForward")}
    chosen = {field: bool(node and node.boolean()) for field, node in switches.items()}
    if chosen["doNotTrack"] and chosen["preDNAT"]:
        raise spec.refusal("doNotTrack and preDNAT cannot both be true")
    host = chosen["doNotTrack"] or chosen["preDNAT"]
    if host and not chosen["applyOnForward"]:
        raise spec.refusal("applyOnForward must be true beside doNotTrack or preDNAT")
    if chosen["preDNAT"] and Direction.EGRESS in _read_types(spec):
        raise spec.refusal("preDNAT cannot have egress")
    return host


def _read_rule(
    rule: Node, direction: Direction, subject: CalicoSelector, scope: CalicoScope
) -> tuple[LabelSelector, tuple[CompiledRule, ...]] | None:
    """Whom it is about, and the rule; None for what decides nothing."""
    rule.known(*_RULE_FIELDS)
    action = rule.need("action")
    if action.text() not in _ACTIONS:
        raise action.refusal(f'unsupported value "{action.value}"; supported are {", ".join(_ACTIONS)}')
    if rule.get("http"):
        raise rule.need("http").refusal("rules of the application layer are not judged")
    source, destination = rule.get("source"), rule.get("destination")
    for entity in (source, destination):
        if entity:
            _check_fields(entity)
    if source and (source.list_of("ports") or source.list_of("notPorts")):
        raise source.refusal("source ports cannot be judged: flows are known by their destination port")
    own, other = (destination, source) if direction is Direction.INGRESS else (source, destination)
    ports = _read_ports(rule, direction, destination)
    peer = read_peer(other, scope, ip_version=_ip_version(rule))
    about = _narrowed(subject, own, scope)
    if action.text() == "Log":
        return None
    denies, passes = action.text() == "Deny", action.text() == "Pass"
    return about, (CompiledRule(peers=(peer,), ports=ports, path=rule.path, deny=denies, passes=passes),)


def _check_fields(entity: Node) -> None:
    if isinstance(entity.value, dict) and "domains" in entity.value:
        raise entity.refusal("domains are a field of Calico Enterprise and Cloud; Calico does not have it")
    entity.known(*ENTITY_FIELDS)


def _read_ports(rule: Node, direction: Direction, destination: Node | None) -> PortMatches | None:
    """The endpoints of a service on an egress rule's destination bring their own ports."""
    if direction is Direction.EGRESS and destination and destination.get("services"):
        if destination.list_of("ports") or destination.list_of("notPorts"):
            raise destination.refusal("ports cannot be given beside services")
        covered = read_port_matches(rule, None)
        tcp = covered is None or any(Protocol.TCP in match.protocols for match in covered)
        return _API_SERVER_PORTS if tcp else ()
    return read_port_matches(rule, destination)


def _narrowed(subject: CalicoSelector, own: Node | None, scope: CalicoScope) -> LabelSelector:
    """A rule's own end may narrow the policy's subject by labels."""
    if own is None:
        return subject
    for field in ("nets", "notNets", "services"):
        if own.get(field) is not None and own.value[field]:
            raise own.refusal(f"{field} on the policy's own end cannot be judged: pods are known by their labels")
    selectors = read_selectors(own, scope)
    if selectors.chosen is None and selectors.but_not is None:
        return subject
    return NarrowedSelector(policy=subject, rule=selectors.chosen, but_not=selectors.but_not)


def _ip_version(rule: Node) -> int | None:
    node = rule.get("ipVersion")
    if node is None:
        return None
    if node.integer() not in {4, 6}:
        raise node.refusal("must be 4 or 6")
    return node.integer()


def _number(node: Node) -> float:
    if not isinstance(node.value, int | float) or isinstance(node.value, bool):
        raise node.refusal("must be a number")
    return float(node.value)
