"""What selectors see of an endpoint: labels with their source, an address, and DNS names."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from recommender.model.connection import AddressEndpoint, EntityEndpoint, JudgedEndpoint, PodEndpoint
from recommender.model.entity import Entity
from recommender.model.labels import CLUSTER_KEY, NAMESPACE_KEY, NAMESPACE_LABEL_PREFIX, SERVICE_ACCOUNT_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.edge import Protocol

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAMESPACE_NAME_LABEL: Final = "kubernetes.io/metadata.name"

_GOVERNED_ENTITIES: Final = frozenset({Entity.HEALTH, Entity.INGRESS, Entity.INIT})
_COMPANIONS: Final[Mapping[Entity, tuple[str, ...]]] = {
    Entity.KUBE_APISERVER: ("kube-apiserver", "remote-node"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Identity:
    """An endpoint as policies see it."""

    labels: Mapping[str, str]
    """`source:key` to value; every label is also listed as `any:key`, which is how a bare selector key looks it up."""
    addresses: tuple[Address, ...] = ()
    outside: bool = False
    """Outside the cluster: the only kind of peer that a CIDR matches in Cilium."""
    names: tuple[str, ...] = ()
    """DNS names, lower case without a trailing dot."""
    governed: bool = False
    """Whether policies can have it as their subject."""
    always_isolated: bool = False
    """`reserved:init` is denied both ways until a policy selects it (Cilium `pkg/policy`)."""
    own_node: bool = False
    """The node that the other end runs on."""
    cluster: str = ""
    named_ports: tuple[tuple[str, Protocol | str, int], ...] = ()


def identify(endpoint: JudgedEndpoint, namespaces: Mapping[str, Mapping[str, str]]) -> Identity:
    """How do policies see this endpoint?

    Labels follow Cilium's security identities (docs: "Identity", `pkg/identity/reserved.go`): a pod carries its own
    labels and those derived from its namespace, service account and cluster; an address outside carries `world-ipv4`
    or `world-ipv6`, as in a dual-stack cluster.

    Args:
        endpoint: The endpoint of a connection.
        namespaces: Namespace labels by namespace name.
    """
    match endpoint:
        case PodEndpoint():
            return _identify_pod(endpoint, namespaces.get(endpoint.namespace, {}))
        case EntityEndpoint(entity=entity):
            return Identity(
                labels=_with_any(("reserved", name, "") for name in _COMPANIONS.get(entity, (entity.value,))),
                governed=entity in _GOVERNED_ENTITIES,
                always_isolated=entity is Entity.INIT,
                own_node=entity is Entity.HOST,
            )
        case AddressEndpoint():
            return _identify_address(endpoint)
        case _:
            assert_never(endpoint)


def _identify_pod(pod: PodEndpoint, namespace_labels: Mapping[str, str]) -> Identity:
    labels = dict(pod.labels)
    for key, value in namespace_labels.items():
        labels[NAMESPACE_LABEL_PREFIX + key] = value
    labels[NAMESPACE_LABEL_PREFIX + NAMESPACE_NAME_LABEL] = pod.namespace
    labels[NAMESPACE_KEY] = pod.namespace
    labels[CLUSTER_KEY] = pod.cluster
    labels[SERVICE_ACCOUNT_KEY] = pod.service_account
    return Identity(
        labels=_with_any(("k8s", key, value) for key, value in labels.items()),
        addresses=tuple(ipaddress.ip_address(text) for text in pod.addresses),
        governed=True,
        cluster=pod.cluster,
        named_ports=pod.named_ports,
    )


def _identify_address(endpoint: AddressEndpoint) -> Identity:
    address = ipaddress.ip_address(endpoint.address)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    reserved = [f"world-ipv{address.version}"]
    if endpoint.kube_apiserver:
        reserved.append("kube-apiserver")
    return Identity(
        labels=_with_any(("reserved", name, "") for name in reserved),
        addresses=(address,),
        outside=True,
        names=tuple(sorted({name.lower().rstrip(".") for name in endpoint.names})),
    )


def _with_any(labels: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for source, key, value in labels:
        found[f"{source}:{key}"] = value
        found[f"any:{key}"] = value
    return found
