"""Reading any number of policy documents into sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from recommender.errors import InvalidPolicyError
from recommender.semantics.cilium import read_cilium_policy
from recommender.semantics.cluster_network_policy import read_cluster_network_policy
from recommender.semantics.document import Node
from recommender.semantics.networkpolicy import read_network_policy
from recommender.semantics.object_metadata import read_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.semantics.compiled import Section
    from recommender.semantics.settings import SemanticsSettings

_API_VERSIONS: Final = {
    "NetworkPolicy": "networking.k8s.io/v1",
    "CiliumNetworkPolicy": "cilium.io/v2",
    "CiliumClusterwideNetworkPolicy": "cilium.io/v2",
    "ClusterNetworkPolicy": "policy.networking.k8s.io/v1alpha2",
}
_CLUSTER_WIDE: Final = frozenset({"CiliumClusterwideNetworkPolicy", "ClusterNetworkPolicy"})


def read_documents(documents: Iterable[Mapping[str, Any]], settings: SemanticsSettings) -> tuple[Section, ...]:
    """What do these policy documents say together?

    Args:
        documents: Parsed YAML documents.
        settings: Which CNI's reading to follow.

    Raises:
        InvalidPolicyError: One is no policy, or one that an API server or Cilium would refuse, or replaces another.
    """
    known: set[str] = set()
    sections: list[Section] = []
    for document in documents:
        root, namespace = _identify(document)
        if root.policy in known:
            raise root.refusal("is given twice; applied together, one would replace the other")
        known.add(root.policy)
        sections.extend(_read(root, namespace, settings))
    return tuple(sections)


def policy_name(document: Mapping[str, Any]) -> str:
    """`Kind/namespace/name` of a policy document, without the namespace for cluster-wide kinds.

    Raises:
        InvalidPolicyError: It is no policy that can be judged.
    """
    return _identify(document)[0].policy


def _identify(document: Mapping[str, Any]) -> tuple[Node, str]:
    """The document, labelled with its `Kind/namespace/name`, and its namespace (empty for a cluster-wide one)."""
    kind = _kind(document)
    root = Node(value=document, path="", policy=kind)
    name, namespace = read_metadata(root.need("metadata"))
    namespace = "" if kind in _CLUSTER_WIDE else namespace or "default"
    policy = "/".join(part for part in (kind, namespace, name) if part)
    return Node(value=document, path="", policy=policy), namespace


def _read(root: Node, namespace: str, settings: SemanticsSettings) -> tuple[Section, ...]:
    if root.value["kind"] == "NetworkPolicy":
        root.known("apiVersion", "kind", "metadata", "spec", "status")
        return read_network_policy(root.need("spec"), namespace=namespace, settings=settings)
    if root.value["kind"] == "ClusterNetworkPolicy":
        root.known("apiVersion", "kind", "metadata", "spec", "status")
        return read_cluster_network_policy(root.need("spec"), settings=settings)
    root.known("apiVersion", "kind", "metadata", "spec", "specs", "status")
    return read_cilium_policy(root, namespace=namespace, settings=settings)


def _kind(document: Mapping[str, Any]) -> str:
    if not isinstance(document, dict):
        raise InvalidPolicyError("a YAML document is not a mapping", hint="write one policy a document")
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in _API_VERSIONS:
        raise InvalidPolicyError(
            f"kind {kind!r} is not a policy that can be judged", hint=f"one of {', '.join(_API_VERSIONS)}"
        )
    if document.get("apiVersion") != _API_VERSIONS[kind]:
        raise InvalidPolicyError(
            f"apiVersion of a {kind} must be {_API_VERSIONS[kind]}, not {document.get('apiVersion')!r}", where=kind
        )
    return kind
