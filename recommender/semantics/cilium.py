"""Reading CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy (cilium.io/v2), with Cilium's refusals."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from recommender.model.labels import NAMESPACE_KEY
from recommender.model.policy import Direction
from recommender.semantics.cilium_peers import PEER_FIELDS, CiliumScope, read_peers
from recommender.semantics.cilium_ports import read_icmps, read_port_rule
from recommender.semantics.compiled import CompiledRule, Section
from recommender.semantics.rule_memory import RuleMemory
from recommender.semantics.selectors import Selector, cilium_key, equal, read_selector

if TYPE_CHECKING:
    from recommender.semantics.document import Node
    from recommender.semantics.settings import SemanticsSettings

_NAMESPACE: Final = f"k8s:{NAMESPACE_KEY}"
_RULE_LISTS: Final = ("ingress", "ingressDeny", "egress", "egressDeny")
_SPEC_FIELDS: Final = (
    *_RULE_LISTS,
    "endpointSelector",
    "nodeSelector",
    "enableDefaultDeny",
    "labels",
    "description",
    "log",
)


def read_cilium_policy(
    document: Node, *, namespace: str, settings: SemanticsSettings, memory: RuleMemory | None = None
) -> tuple[Section, ...]:
    """What does a CNP or CCNP say?

    Source: Cilium `pkg/policy/api` (Sanitize), `pkg/k8s/apis/cilium.io/utils`, docs "Layer 3 policies" and following.

    Args:
        document: The whole document, with `spec`, `specs` or both.
        namespace: The policy's namespace; the empty text for a cluster-wide one.
        settings: The local cluster's name.
        memory: Of rules that were read before.

    Raises:
        InvalidPolicyError: Cilium would refuse it.
    """
    spec = document.get("spec")
    specs = (*((spec,) if spec else ()), *document.list_of("specs"))
    if not specs:
        raise document.refusal("spec and specs are both empty")
    memory = memory or RuleMemory()
    return tuple(section for item in specs for section in _read_spec(item, namespace, settings, memory))


def _read_spec(spec: Node, namespace: str, settings: SemanticsSettings, memory: RuleMemory) -> tuple[Section, ...]:
    spec.known(*_SPEC_FIELDS)
    if not any(spec.list_of(field) for field in _RULE_LISTS):
        raise spec.refusal("must have at least one of ingress, ingressDeny, egress, egressDeny")
    subject = _read_subject(spec, namespace)
    scope = CiliumScope(
        namespace=namespace,
        subject_is_init=subject is not None and subject.has_key("reserved:init"),
        settings=settings,
    )
    sections = []
    for direction in Direction:
        rules = tuple(rule for deny in (False, True) for rule in _read_rules(spec, direction, scope, memory, deny=deny))
        isolates = _default_deny(spec, direction)
        present = spec.list_of(direction.value) or spec.list_of(f"{direction.value}Deny")
        if subject is not None and present:
            sections.append(
                Section(policy=spec.policy, subject=subject, direction=direction, isolates=isolates, rules=rules)
            )
    return tuple(sections)


def _read_subject(spec: Node, namespace: str) -> Selector | None:
    """The subject's selector; None for a node policy, which nothing enforces while the host firewall is off."""
    endpoints, nodes = spec.get("endpointSelector"), spec.get("nodeSelector")
    if endpoints and nodes:
        raise spec.refusal("cannot have both endpointSelector and nodeSelector")
    if nodes:
        if namespace:
            raise nodes.refusal("nodeSelector is only for CiliumClusterwideNetworkPolicy")
        read_selector(nodes, cilium_key)
        return None
    if not endpoints:
        raise spec.refusal("must have one of endpointSelector or nodeSelector")
    selector = read_selector(endpoints, cilium_key)
    if not namespace:
        return selector
    return selector.without_label(_NAMESPACE).plus(equal(_NAMESPACE, namespace))


def _default_deny(spec: Node, direction: Direction) -> bool:
    switches = spec.get("enableDefaultDeny")
    if not switches:
        return True
    switches.known("ingress", "egress")
    switch = switches.get(direction.value)
    return switch.boolean() if switch else True


def _read_rules(
    spec: Node, direction: Direction, scope: CiliumScope, memory: RuleMemory, *, deny: bool
) -> tuple[CompiledRule, ...]:
    items = spec.list_of(f"{direction.value}Deny" if deny else direction.value)
    read = partial(_read_rule, direction=direction, scope=scope, deny=deny)
    return memory.read((direction, scope, deny), items, read)


def _read_rule(rule: Node, direction: Direction, scope: CiliumScope, *, deny: bool) -> tuple[CompiledRule, ...]:
    fields = tuple(field for field in PEER_FIELDS[direction] if not (deny and field == "toFQDNs"))
    rule.known("toPorts", "icmps", *(() if deny else ("authentication",)), *fields)
    port_items, icmp_items = rule.list_of("toPorts"), rule.list_of("icmps")
    if port_items and icmp_items:
        raise rule.refusal("icmps may only be present without toPorts; write a separate rule")
    peers = read_peers(rule, fields, scope, deny=deny, has_ports=bool(port_items or icmp_items))
    if port_items:
        return tuple(
            read_port_rule(item, direction, peers, deny=deny, path=item.path if len(port_items) > 1 else rule.path)
            for item in port_items
        )
    ports = read_icmps(icmp_items) if icmp_items else None
    return (CompiledRule(peers=peers, ports=ports, path=rule.path, deny=deny),)
