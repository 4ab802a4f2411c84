"""Short ways to write policies, endpoints and connections."""

from __future__ import annotations

from typing import Any

from recommender.model.connection import AddressEndpoint, Connection, EntityEndpoint, PodEndpoint
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.semantics import PolicySet, SemanticsSettings


def np(name: str = "p", *, namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"podSelector": {}, **spec},
    }


def cnp(name: str = "p", *, namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"endpointSelector": {}, **spec},
    }


def ccnp(name: str = "p", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumClusterwideNetworkPolicy",
        "metadata": {"name": name},
        "spec": {"endpointSelector": {}, **spec},
    }


def app(name: str) -> dict[str, Any]:
    return {"matchLabels": {"app": name}}


def to_port(port: str, protocol: str = "TCP") -> list[dict[str, Any]]:
    return [{"ports": [{"port": port, "protocol": protocol}]}]


def pod(name: str, *, namespace: str = "shop", **other: Any) -> PodEndpoint:
    return PodEndpoint(namespace=namespace, name=name, labels=(("app", name),), **other)


def entity(name: str) -> EntityEndpoint:
    return EntityEndpoint(entity=Entity(name))


def address(text: str, *names: str) -> AddressEndpoint:
    return AddressEndpoint(address=text, names=names)


def connection(source, destination, *, port: int = 80, protocol: Protocol = Protocol.TCP) -> Connection:
    return Connection(source=source, destination=destination, protocol=protocol, port=port)


def policies(*documents: dict[str, Any], **settings: Any) -> PolicySet:
    return PolicySet.parse(documents, namespaces={}, settings=SemanticsSettings(**settings))
