"""Cilium's reserved entities and which of several reserved labels names a peer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


class Entity(StrEnum):
    """A peer that Cilium names itself (docs: "Layer 3 policies, entities based")."""

    KUBE_APISERVER = "kube-apiserver"
    INGRESS = "ingress"
    HEALTH = "health"
    HOST = "host"
    REMOTE_NODE = "remote-node"
    INIT = "init"
    UNMANAGED = "unmanaged"
    WORLD = "world"
    CLUSTER = "cluster"
    ALL = "all"


_RESERVED_TO_ENTITY = {
    "kube-apiserver": Entity.KUBE_APISERVER,
    "ingress": Entity.INGRESS,
    "health": Entity.HEALTH,
    "host": Entity.HOST,
    "remote-node": Entity.REMOTE_NODE,
    "init": Entity.INIT,
    "unmanaged": Entity.UNMANAGED,
    "world": Entity.WORLD,
    "world-ipv4": Entity.WORLD,
    "world-ipv6": Entity.WORLD,
}

_IDENTITY_TO_ENTITY = {
    1: Entity.HOST,
    2: Entity.WORLD,
    3: Entity.UNMANAGED,
    4: Entity.HEALTH,
    5: Entity.INIT,
    6: Entity.REMOTE_NODE,
    7: Entity.KUBE_APISERVER,
    8: Entity.INGRESS,
    9: Entity.WORLD,
    10: Entity.WORLD,
}

_PRECEDENCE = tuple(Entity)


def entity_of(reserved: AbstractSet[str], identity: int = 0) -> Entity | None:
    """Which entity do these reserved labels name?

    Labels come in pairs (`host` + `kube-apiserver`, `kube-apiserver` + `world`); the narrower one wins:
    kube-apiserver, ingress, health, host, remote-node, …, world. Without labels the numeric identity decides
    (Cilium `pkg/identity/numericidentity.go`).
    """
    found = {_RESERVED_TO_ENTITY[name] for name in reserved if name in _RESERVED_TO_ENTITY}
    for entity in _PRECEDENCE:
        if entity in found:
            return entity
    return _IDENTITY_TO_ENTITY.get(identity)
