"""Peers of a ClusterNetworkPolicy's rule, and what is denied where one of them cannot be understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.labels import NAMESPACE_KEY, NAMESPACE_LABEL_PREFIX
from recommender.model.policy import Direction
from recommender.semantics.names import NamePattern
from recommender.semantics.networkpolicy import local_cluster
from recommender.semantics.peers import Anyone, CidrPeer, NamedPeer, Peer, SelectedPeer, read_network
from recommender.semantics.ports import TRANSPORTS, named
from recommender.semantics.selectors import Selector, equal, exists, kubernetes_key, read_selector

if TYPE_CHECKING:
    from recommender.semantics.document import Node
    from recommender.semantics.peers import Network
    from recommender.semantics.settings import SemanticsSettings

KUBE_DNS_PORTS: Final = (named(TRANSPORTS, "dns"), named(TRANSPORTS, "dns-tcp"))
"""Where Cilium lets a rule with `domainNames` look the names up."""

_PEER_FIELDS: Final = {
    Direction.INGRESS: ("namespaces", "pods"),
    Direction.EGRESS: ("namespaces", "pods", "nodes", "networks", "domainNames"),
}
_MAX_LISTED: Final = 25
_MAX_CIDR: Final = 43
_DOMAIN: Final = re.compile(
    r"(\*\.)?([a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?"
)
_NODES: Final = tuple(
    SelectedPeer(selector=Selector(requirements=frozenset({exists(f"reserved:{name}")})))
    for name in ("host", "remote-node")
)
"""An API server in the cluster also carries `remote-node`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """What the peers of one rule come to."""

    matched: tuple[Peer, ...]
    denied: tuple[Peer, ...]
    """Denied for caution: a peer of a Deny or Pass rule that cannot be understood."""
    names: tuple[NamePattern, ...]
    without_pods: bool
    """Whether one of them is no pod, so that it has no named ports."""


def read_peers(items: tuple[Node, ...], direction: Direction, *, accepts: bool, settings: SemanticsSettings) -> Peers:
    """From or to whom does the rule speak?

    A peer with no field that is known here fails closed, as the API asks: it matches nobody in an Accept rule, and
    makes a Deny or Pass rule deny everyone. So do nodes chosen by label, whose labels are not known here, for nodes.

    Args:
        items: `from` or `to`.
        direction: Of the rule; only egress knows nodes, networks and domainNames.
        accepts: Whether the rule's action is Accept.
        settings: The local cluster's name.

    Raises:
        InvalidPolicyError: Two kinds in one peer, or a value that the CRD's schema would refuse.
    """
    matched: list[Peer] = []
    denied: list[Peer] = []
    names: list[NamePattern] = []
    without_pods = False
    for item in items:
        field = _field(item, _PEER_FIELDS[direction])
        without_pods |= field in {"nodes", "networks", "domainNames"}
        if field == "nodes":
            known = _read_nodes(item.need(field))
            (matched if known else denied).extend(_NODES if known or not accepts else ())
        elif field == "domainNames":
            names.extend(_read_names(item.need(field), accepts=accepts))
        elif field:
            matched.extend(_read(field, item.need(field), settings))
        elif not accepts:
            denied.append(Anyone())
    matched.extend(NamedPeer(pattern=pattern) for pattern in names)
    return Peers(matched=tuple(matched), denied=tuple(denied), names=tuple(names), without_pods=without_pods)


def kube_dns() -> Peer:
    """The pods that Cilium lets a rule with `domainNames` ask."""
    return SelectedPeer(selector=Selector(requirements=frozenset({equal("any:k8s-app", "kube-dns")})))


def _field(item: Node, fields: tuple[str, ...]) -> str:
    """The peer's one field; the empty text if it has none that is known."""
    found = [field for field in fields if item.get(field) is not None]
    if len(found) > 1:
        raise item.refusal(f"must have exactly one of {', '.join(fields)}")
    return found[0] if found else ""


def _read(field: str, node: Node, settings: SemanticsSettings) -> tuple[Peer, ...]:
    if field == "networks":
        return tuple(CidrPeer(network=_read_cidr(item)) for item in _listed(node))
    if field == "namespaces":
        return (SelectedPeer(selector=of_namespaces(node, settings)),)
    node.known("namespaceSelector", "podSelector")
    pods = read_selector(node.need("podSelector"), kubernetes_key())
    requirements = of_namespaces(node.need("namespaceSelector"), settings).requirements
    return (SelectedPeer(selector=pods.plus(*requirements, *local_cluster(settings))),)


def of_namespaces(node: Node, settings: SemanticsSettings) -> Selector:
    """All pods of the namespaces that a selector names."""
    selector = read_selector(node, kubernetes_key(NAMESPACE_LABEL_PREFIX))
    if selector.requirements and settings.negated_namespaces_match_all_kinds:
        return selector
    return selector.plus(exists(f"k8s:{NAMESPACE_KEY}"))


def _read_nodes(selector: Node) -> bool:
    """Whether it means all nodes."""
    return not read_selector(selector, kubernetes_key()).requirements


def _read_cidr(item: Node) -> Network:
    if len(item.text()) > _MAX_CIDR:
        raise item.refusal(f"may not be longer than {_MAX_CIDR} characters")
    return read_network(item)


def _listed(node: Node) -> tuple[Node, ...]:
    items = node.items()
    if not 1 <= len(items) <= _MAX_LISTED:
        raise node.refusal(f"must have 1 to {_MAX_LISTED} items")
    if len({item.text() for item in items}) < len(items):
        raise node.refusal("an item is given twice")
    return items


def _read_names(node: Node, *, accepts: bool) -> tuple[NamePattern, ...]:
    """A leading `*.` stands for one or more labels."""
    if not accepts:
        raise node.refusal("domainNames is only supported in rules with action Accept")
    found = []
    for item in _listed(node):
        if not _DOMAIN.fullmatch(item.text()):
            raise item.refusal(f'"{item.value}" is not a domain name')
        wild = item.text().startswith("*.")
        found.append(NamePattern.of(f"*{item.text()}" if wild else item.text(), exact=not wild))
    return tuple(found)
