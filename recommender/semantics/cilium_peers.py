"""Peers of a Cilium rule: one layer-3 kind per rule, with the namespace and cluster that Cilium adds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from recommender.model.labels import CLUSTER_KEY, NAMESPACE_KEY, NAMESPACE_LABEL_PREFIX
from recommender.model.policy import Direction
from recommender.semantics.entities import read_entity
from recommender.semantics.names import read_name_pattern
from recommender.semantics.networkpolicy import local_cluster
from recommender.semantics.peers import Anyone, CidrPeer, NamedPeer, Peer, SelectedPeer, read_cidr_peer, read_network
from recommender.semantics.selectors import cilium_key, equal, exists, read_selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.semantics.document import Node
    from recommender.semantics.selectors import Selector
    from recommender.semantics.settings import SemanticsSettings

PEER_FIELDS: Final[Mapping[Direction, tuple[str, ...]]] = {
    Direction.INGRESS: ("fromEndpoints", "fromCIDR", "fromCIDRSet", "fromEntities", "fromNodes", "fromGroups"),
    Direction.EGRESS: (
        "toEndpoints",
        "toCIDR",
        "toCIDRSet",
        "toEntities",
        "toNodes",
        "toGroups",
        "toServices",
        "toFQDNs",
    ),
}

_NAMESPACE: Final = f"k8s:{NAMESPACE_KEY}"
_NAMESPACE_KEYS: Final = (_NAMESPACE, f"any:{NAMESPACE_KEY}")
_NAMESPACE_LABEL_KEYS: Final = (f"k8s:{NAMESPACE_LABEL_PREFIX}", f"any:{NAMESPACE_LABEL_PREFIX}")
_CLUSTER_KEYS: Final = (f"k8s:{CLUSTER_KEY}", f"any:{CLUSTER_KEY}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CiliumScope:
    """What the policy around a rule adds to its peer selectors."""

    namespace: str
    """The empty text for a cluster-wide policy."""
    subject_is_init: bool
    settings: SemanticsSettings


def read_peers(
    rule: Node, fields: tuple[str, ...], scope: CiliumScope, *, deny: bool, has_ports: bool
) -> tuple[Peer, ...]:
    """From or to whom does the rule speak?

    No peer field at all means anyone if there are ports and nobody if there are none; an empty list means nobody.
    Peers that only a running cluster can resolve (groups, nodes by label, services, CIDR groups) match nobody in an
    allow rule and anyone in a deny rule, so that no verdict is more open than the cluster's.

    Args:
        rule: The rule.
        fields: The peer fields that it may have.
        scope: Namespace and cluster.
        deny: Whether the rule denies.
        has_ports: Whether `toPorts` or `icmps` has an item.

    Raises:
        InvalidPolicyError: Two kinds of peers in one rule, or a peer that Cilium refuses.
    """
    present = [field for field in fields if rule.value.get(field) is not None]
    used = [field for field in present if rule.value[field]]
    if len(used) > 1:
        raise rule.refusal(f"combining {used[0]} and {used[1]} in one rule is not supported")
    if not present:
        return (Anyone(),) if has_ports else ()
    return tuple(
        peer for field in present for item in rule.list_of(field) for peer in _read(field, item, scope, deny=deny)
    )


def _read(field: str, item: Node, scope: CiliumScope, *, deny: bool) -> tuple[Peer, ...]:
    match field.removeprefix("from").removeprefix("to"):
        case "Endpoints":
            return (_read_endpoints(item, scope),)
        case "Entities":
            return read_entity(item, scope.settings)
        case "CIDR":
            return (CidrPeer(network=read_network(item)),)
        case "CIDRSet":
            return _read_cidr_set(item, deny=deny)
        case "FQDNs":
            return (NamedPeer(pattern=read_name_pattern(item)),)
        case _:
            return _unresolved(deny=deny)


def _read_endpoints(item: Node, scope: CiliumScope) -> Peer:
    """Source: Cilium `getEndpointSelector`."""
    selector = read_selector(item, cilium_key)
    return _in_scope(selector, scope.namespace, scope.settings, subject_is_init=scope.subject_is_init)


@lru_cache(maxsize=1 << 16)
def _in_scope(selector: Selector, namespace: str, settings: SemanticsSettings, *, subject_is_init: bool) -> Peer:
    if selector.has_key("reserved:"):
        return SelectedPeer(selector=selector)
    if not selector.has_key(*_CLUSTER_KEYS) and not subject_is_init:
        selector = selector.plus(*local_cluster(settings))
    if selector.has_key(*_NAMESPACE_KEYS):
        return SelectedPeer(selector=selector)
    if namespace:
        if not selector.has_key(*_NAMESPACE_LABEL_KEYS):
            selector = selector.plus(equal(_NAMESPACE, namespace))
    elif not subject_is_init:
        selector = selector.plus(exists(_NAMESPACE))
    return SelectedPeer(selector=selector)


def _read_cidr_set(item: Node, *, deny: bool) -> tuple[Peer, ...]:
    item.known("cidr", "except", "cidrGroupRef", "cidrGroupSelector")
    cidr = item.get("cidr")
    if cidr and cidr.text():
        return (read_cidr_peer(item, network=cidr, may_equal=True),)
    if item.get("cidrGroupRef") or item.get("cidrGroupSelector"):
        return _unresolved(deny=deny)
    raise item.refusal("one of cidr, cidrGroupRef and cidrGroupSelector is required")


def _unresolved(*, deny: bool) -> tuple[Peer, ...]:
    return (Anyone(),) if deny else ()
