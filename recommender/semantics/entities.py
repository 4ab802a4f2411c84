"""What each entity of `fromEntities`/`toEntities` stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.labels import CLUSTER_KEY
from recommender.semantics.peers import Anyone, Peer, SelectedPeer
from recommender.semantics.selectors import Selector, equal, exists

if TYPE_CHECKING:
    from recommender.semantics.document import Node
    from recommender.semantics.selectors import Requirement
    from recommender.semantics.settings import SemanticsSettings

_SINGLE: Final = (
    "host",
    "remote-node",
    "init",
    "ingress",
    "health",
    "unmanaged",
    "kube-apiserver",
    "world-ipv4",
    "world-ipv6",
)
_IN_CLUSTER: Final = ("host", "remote-node", "init", "ingress", "health", "unmanaged", "kube-apiserver")
_WORLD: Final = ("world", "world-ipv4", "world-ipv6")
_CLUSTER_LABEL: Final = f"k8s:{CLUSTER_KEY}"


def read_entity(node: Node, settings: SemanticsSettings) -> tuple[Peer, ...]:
    """Which peers does an entity stand for?

    Source: Cilium docs "Entities based"; `pkg/policy/api/entity.go`. Names are case-sensitive.

    Raises:
        InvalidPolicyError: There is no such entity.
    """
    match node.text():
        case "all":
            return (Anyone(),)
        case "none":
            return ()
        case "world":
            return _reserved(_WORLD)
        case "cluster":
            return (_selected(equal(_CLUSTER_LABEL, settings.local_cluster)), *_reserved(_IN_CLUSTER))
        case "cluster-mesh":
            return (_selected(exists(_CLUSTER_LABEL)), *_reserved(_IN_CLUSTER))
        case name if name in _SINGLE:
            return _reserved((name,))
        case name:
            raise node.refusal(f'unsupported entity "{name}"')


def _reserved(names: tuple[str, ...]) -> tuple[Peer, ...]:
    return tuple(_selected(exists(f"reserved:{name}")) for name in names)


def _selected(requirement: Requirement) -> SelectedPeer:
    return SelectedPeer(selector=Selector(requirements=frozenset({requirement})))
