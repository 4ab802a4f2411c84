"""Reading NetworkPolicy (networking.k8s.io/v1), with the API server's defaults and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.edge import Protocol
from recommender.model.labels import CLUSTER_KEY, NAMESPACE_KEY, NAMESPACE_LABEL_PREFIX
from recommender.model.policy import Direction
from recommender.semantics.compiled import CompiledRule, Section
from recommender.semantics.peers import Anyone, Peer, SelectedPeer, read_cidr_peer
from recommender.semantics.ports import MAX_PORT, PortMatch, every, is_port_name, named, single
from recommender.semantics.selectors import Requirement, Selector, equal, exists, kubernetes_key, read_selector

if TYPE_CHECKING:
    from recommender.semantics.document import Node
    from recommender.semantics.ports import PortMatches
    from recommender.semantics.settings import SemanticsSettings

_NAMESPACE: Final = f"k8s:{NAMESPACE_KEY}"
_PEERS_FIELD: Final = {Direction.INGRESS: "from", Direction.EGRESS: "to"}


def read_network_policy(spec: Node, *, namespace: str, settings: SemanticsSettings) -> tuple[Section, ...]:
    """What does a NetworkPolicy say?

    Source: Kubernetes API reference, NetworkPolicySpec; for an unlisted egress section Cilium `ParseNetworkPolicy`.

    Args:
        spec: Its `spec`.
        namespace: The policy's namespace.
        settings: `unlisted_sections_enforced` and the local cluster.

    Raises:
        InvalidPolicyError: The API server would refuse it.
    """
    spec.known("podSelector", "ingress", "egress", "policyTypes")
    pod_selector = spec.get("podSelector")
    chosen = read_selector(pod_selector, kubernetes_key()) if pod_selector else Selector()
    subject = chosen.plus(equal(_NAMESPACE, namespace))
    listed = _policy_types(spec)
    sections = []
    for direction in Direction:
        rules = spec.list_of(direction.value)
        compiled = tuple(_read_rule(rule, direction, namespace, settings) for rule in rules)
        enforced = direction in listed or (rules and settings.unlisted_sections_enforced)
        if enforced:
            sections.append(
                Section(policy=spec.policy, subject=subject, direction=direction, isolates=True, rules=compiled)
            )
    return tuple(sections)


def _policy_types(spec: Node) -> frozenset[Direction]:
    """Defaulting: Ingress always, Egress only with an egress rule."""
    items = spec.list_of("policyTypes")
    if not items:
        return frozenset({Direction.INGRESS, Direction.EGRESS} if spec.list_of("egress") else {Direction.INGRESS})
    types = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}
    for item in items:
        if item.text() not in types:
            raise item.refusal(f'unsupported value "{item.value}"; supported are Ingress and Egress')
    return frozenset(types[item.text()] for item in items)


def _read_rule(rule: Node, direction: Direction, namespace: str, settings: SemanticsSettings) -> CompiledRule:
    field = _PEERS_FIELD[direction]
    rule.known("ports", field)
    items = rule.list_of(field)
    peers: tuple[Peer, ...] = tuple(_read_peer(item, namespace, settings) for item in items) if items else (Anyone(),)
    return CompiledRule(peers=peers, ports=_read_ports(rule.list_of("ports")), path=rule.path)


def _read_peer(peer: Node, namespace: str, settings: SemanticsSettings) -> Peer:
    peer.known("podSelector", "namespaceSelector", "ipBlock")
    pods, namespaces, block = peer.get("podSelector"), peer.get("namespaceSelector"), peer.get("ipBlock")
    if block:
        if pods or namespaces:
            raise peer.refusal("may not specify both ipBlock and another peer")
        block.known("cidr", "except")
        return read_cidr_peer(block, network=block.need("cidr"), may_equal=False)
    if not pods and not namespaces:
        raise peer.refusal("must specify a peer")
    selector = read_selector(pods, kubernetes_key()) if pods else Selector()
    if namespaces:
        by_label = read_selector(namespaces, kubernetes_key(NAMESPACE_LABEL_PREFIX))
        selector = selector.plus(*by_label.requirements, exists(_NAMESPACE))
    else:
        selector = selector.plus(equal(_NAMESPACE, namespace))
    return SelectedPeer(selector=selector.plus(*local_cluster(settings)))


def local_cluster(settings: SemanticsSettings) -> tuple[Requirement, ...]:
    """The requirement that keeps a peer selector inside the local cluster, if the settings want it."""
    if not settings.peers_default_to_local_cluster:
        return ()
    return (equal(f"k8s:{CLUSTER_KEY}", settings.local_cluster),)


def _read_ports(items: tuple[Node, ...]) -> PortMatches | None:
    return tuple(_read_port(item) for item in items) if items else None


def _read_port(item: Node) -> PortMatch:
    item.known("protocol", "port", "endPort")
    protocols = frozenset({_read_protocol(item)})
    port, end = item.get("port"), item.get("endPort")
    end_port = end.integer() if end else 0
    if port is None:
        if end:
            raise end.refusal("may not be specified when port is not specified")
        return every(protocols)
    if isinstance(port.value, str):
        if end:
            raise end.refusal("may not be specified when port is not an integer")
        if not is_port_name(port.value):
            raise port.refusal(f'"{port.value}" is not a port name')
        return named(protocols, port.value)
    number = port.integer()
    if not 1 <= number <= MAX_PORT:
        raise port.refusal(f"must be between 1 and {MAX_PORT}")
    if end and not number <= end_port <= MAX_PORT:
        raise end.refusal("must be greater than or equal to port and at most 65535")
    return single(protocols, number, end_port)


def _read_protocol(item: Node) -> Protocol:
    protocol = item.get("protocol")
    name = protocol.text() if protocol else Protocol.TCP.value
    if protocol and name not in {Protocol.TCP, Protocol.UDP, Protocol.SCTP}:
        raise protocol.refusal(f'invalid protocol "{name}"; NetworkPolicy knows TCP, UDP and SCTP')
    return Protocol(name)
