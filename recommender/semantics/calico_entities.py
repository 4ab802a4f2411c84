"""Calico's entity rules: what `source` and `destination` of a rule say about an end."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.semantics.calico_expression import Every, Everything, Global, OneOf, keys_of, mentions_global
from recommender.semantics.calico_parser import parse_expression
from recommender.semantics.calico_selector import NAME_LABEL, CalicoSelector
from recommender.semantics.peers import Anyone, CidrPeer, CombinedPeer, SelectedPeer, read_network
from recommender.semantics.selectors import Selector, exists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.semantics.calico_expression import Expression
    from recommender.semantics.calico_selector import NetworkSet
    from recommender.semantics.document import Node
    from recommender.semantics.peers import Network, Peer

_SELECTING: Final = ("selector", "notSelector", "namespaceSelector", "serviceAccounts")
ENTITY_FIELDS: Final = (*_SELECTING, "nets", "notNets", "ports", "notPorts", "services")
_EVERYWHERE: Final[Mapping[int, Network]] = {
    4: ipaddress.IPv4Network("0.0.0.0/0"),
    6: ipaddress.IPv6Network("::/0"),
}
_API_SERVER: Final = SelectedPeer(selector=Selector(requirements=frozenset({exists("reserved:kube-apiserver")})))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalicoScope:
    """What stands around a rule."""

    namespace: str
    """The policy's; empty for a GlobalNetworkPolicy."""
    cluster: str
    sets: Mapping[NetworkSet, tuple[Network, ...]]
    """Addresses of the network sets that are given beside the policies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySelectors:
    """The selectors of one entity rule."""

    chosen: CalicoSelector | None
    """None: whoever it is, in no namespace or any."""
    but_not: CalicoSelector | None


def read_selectors(entity: Node, scope: CalicoScope) -> EntitySelectors:
    """Which endpoints does an entity rule choose?

    In a NetworkPolicy any selector field, also a negative one, keeps the rule to the policy's own namespace unless
    namespaceSelector names others; what is no endpoint is then not matched.
    Source: `libcalico-go` `updateprocessors.GetEntityRuleSelector`.

    Raises:
        InvalidPolicyError: Calico would refuse a selector, or it needs labels of service accounts.
    """
    namespaces = read_expression(entity, "namespaceSelector")
    accounts = read_accounts(entity.get("serviceAccounts"))
    endpoint, unwanted = read_expression(entity, "selector"), read_expression(entity, "notSelector")
    for node, expression in ((entity.get("selector"), endpoint), (entity.get("notSelector"), unwanted)):
        if node and expression and mentions_global(expression):
            raise node.refusal("global() is only for a rule's namespaceSelector")
    if namespaces and mentions_global(namespaces) and not isinstance(namespaces, Global):
        raise entity.need("namespaceSelector").refusal("global() cannot be used with other selectors")
    own = scope.namespace if namespaces is None else ""
    used = any(part is not None for part in (namespaces, accounts, endpoint)) or (unwanted is not None and own)
    chosen = CalicoSelector(
        endpoint=endpoint or Everything(),
        namespaces=namespaces,
        accounts=accounts,
        namespace=own,
        cluster=scope.cluster,
    )
    return EntitySelectors(
        chosen=chosen if used else None,
        but_not=CalicoSelector(endpoint=unwanted, cluster=scope.cluster) if unwanted is not None else None,
    )


def read_peer(entity: Node | None, scope: CalicoScope, *, ip_version: int | None) -> Peer:
    """From or to whom does a rule speak?

    Raises:
        InvalidPolicyError: As `read_selectors`; or a net is no prefix, or a service is not known here.
    """
    all_of: list[tuple[Peer, ...]] = []
    none_of: list[Peer] = []
    if entity is not None:
        selectors = read_selectors(entity, scope)
        if selectors.chosen is not None:
            all_of.append(_endpoints(selectors.chosen, scope))
        if selectors.but_not is not None:
            none_of += _endpoints(selectors.but_not, scope)
        if entity.list_of("nets"):
            all_of.append(_prefixes(entity.list_of("nets")))
        none_of += _prefixes(entity.list_of("notNets"))
        if entity.get("services"):
            all_of.append((_read_service(entity, scope),))
    if ip_version:
        all_of.append((CidrPeer(network=_EVERYWHERE[ip_version]),))
    if not all_of and not none_of:
        return Anyone()
    if len(all_of) == 1 and len(all_of[0]) == 1 and not none_of:
        return all_of[0][0]
    return CombinedPeer(all_of=tuple(all_of), none_of=tuple(none_of))


def read_expression(parent: Node, field: str) -> Expression | None:
    """The selector in a field; None if the field is absent or empty."""
    node = parent.get(field)
    if node is None or not node.text():
        return None
    try:
        return parse_expression(node.text())
    except ValueError as error:
        raise node.refusal(f"is no selector: {error}") from None


def read_account_selector(node: Node, expression: Expression) -> Expression:
    """A selector over service accounts, which may ask for the name only: nothing else is known of them here."""
    unknown = sorted(set(keys_of(expression)) - {NAME_LABEL})
    if unknown:
        raise node.refusal(f"labels of service accounts are not known here: {', '.join(unknown)}")
    return expression


def read_accounts(node: Node | None) -> Expression | None:
    """`serviceAccounts` of an entity rule."""
    if node is None:
        return None
    node.known("names", "selector")
    names = frozenset(item.text() for item in node.list_of("names"))
    selector = read_expression(node, "selector")
    by_name = OneOf(key=NAME_LABEL, texts=names, negated=False) if names else None
    by_label = read_account_selector(node, selector) if selector is not None else None
    if by_name and by_label:
        return Every(parts=(by_name, by_label))
    return by_name or by_label


def _endpoints(selector: CalicoSelector, scope: CalicoScope) -> tuple[Peer, ...]:
    """The pods that it chooses, and the addresses of network sets that it chooses."""
    networks = {network for found, several in scope.sets.items() if selector.selects_set(found) for network in several}
    ordered = sorted(networks, key=lambda network: (network.version, network))
    return (SelectedPeer(selector=selector), *(CidrPeer(network=network) for network in ordered))


def _prefixes(items: tuple[Node, ...]) -> tuple[Peer, ...]:
    return tuple(CidrPeer(network=read_network(item)) for item in items)


def _read_service(entity: Node, scope: CalicoScope) -> Peer:
    """Only the API server's own service is known: its endpoints are what Cilium calls kube-apiserver."""
    service = entity.need("services").known("name", "namespace")
    for field in (*_SELECTING, "nets", "notNets"):
        if entity.get(field) is not None and entity.value[field]:
            raise service.refusal(f"cannot be combined with {field}")
    namespace = service.get("namespace")
    if namespace is None and not scope.namespace:
        raise service.refusal("must specify a namespace")
    where = namespace.text() if namespace else scope.namespace
    if (where, service.need("name").text()) != ("default", "kubernetes"):
        raise service.refusal("endpoints of services are not known here, except those of default/kubernetes")
    return _API_SERVER
