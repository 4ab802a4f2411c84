"""Reading any number of policy documents into sections."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, assert_never

from recommender.semantics.calico import read_calico_policy
from recommender.semantics.calico_entities import CalicoScope
from recommender.semantics.calico_surroundings import DEFAULT_TIER, in_calico_tiers, read_network_set, read_tier
from recommender.semantics.cilium import read_cilium_policy
from recommender.semantics.cluster_network_policy import read_cluster_network_policy
from recommender.semantics.document import Node
from recommender.semantics.kinds import DocumentKind, kind_of
from recommender.semantics.networkpolicy import read_network_policy
from recommender.semantics.object_metadata import read_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.semantics.calico import CalicoTier
    from recommender.semantics.calico_selector import NetworkSet
    from recommender.semantics.compiled import Section
    from recommender.semantics.peers import Network
    from recommender.semantics.rule_memory import RuleMemory
    from recommender.semantics.settings import SemanticsSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """A document with its names."""

    kind: DocumentKind
    root: Node
    name: str
    namespace: str
    """Empty for a cluster-wide one."""


def read_documents(
    documents: Iterable[Mapping[str, Any]], settings: SemanticsSettings, memory: RuleMemory | None = None
) -> tuple[Section, ...]:
    """What do these policy documents say together?

    Args:
        documents: Parsed YAML documents.
        settings: Which CNI's reading to follow, as `reading_of` has it for these documents.
        memory: Of rules that were read before, in these documents or others.

    Raises:
        InvalidPolicyError: One is no policy, or one that an API server or the CNI would refuse, or replaces another.
    """
    found = tuple(_identify(document) for document in documents)
    known: set[str] = set()
    for one in found:
        if one.root.policy in known:
            raise one.root.refusal("is given twice; applied together, one would replace the other")
        known.add(one.root.policy)
    by_calico = any(one.kind.of_calico for one in found)
    for one in found:
        if by_calico and one.kind.of_cilium:
            raise one.root.refusal("Cilium's and Calico's policies are never in force together")
    surroundings = _surroundings(found, settings)
    # How rules decide together does not change what each says.
    alone = replace(settings, every_allow_decides=False, baseline_opens_isolated=False)
    sections = tuple(section for one in found for section in _read(one, surroundings, alone, memory))
    return in_calico_tiers(sections) if by_calico else sections


def reading_of(documents: Iterable[Mapping[str, Any]], settings: SemanticsSettings) -> SemanticsSettings:
    """The settings for these documents: where one of them is Calico's, Calico reads them all.

    Raises:
        InvalidPolicyError: One is no policy that can be judged.
    """
    if not any(kind_of(document).of_calico for document in documents):
        return settings
    return replace(
        settings,
        cidr_matches_pods=True,
        unlisted_sections_enforced=False,
        own_node_beyond_policy=True,
        only_pods_governed=True,
    )


def policy_name(document: Mapping[str, Any]) -> str:
    """`Kind/namespace/name` of a policy document, without the namespace for cluster-wide kinds.

    Raises:
        InvalidPolicyError: It is no policy that can be judged.
    """
    return _identify(document).root.policy


def _identify(document: Mapping[str, Any]) -> _Document:
    kind = kind_of(document)
    name, namespace = read_metadata(Node(value=document, path="", policy=kind.label).need("metadata"))
    namespace = "" if kind.cluster_wide else namespace or "default"
    policy = "/".join(part for part in (kind.label, namespace, name) if part)
    return _Document(kind=kind, root=Node(value=document, path="", policy=policy), name=name, namespace=namespace)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surroundings:
    """What Calico's policies refer to."""

    tiers: Mapping[str, CalicoTier]
    scope: CalicoScope


def _surroundings(documents: Iterable[_Document], settings: SemanticsSettings) -> _Surroundings:
    tiers = {"default": DEFAULT_TIER}
    sets: dict[NetworkSet, tuple[Network, ...]] = {}
    for one in documents:
        if one.kind is DocumentKind.CALICO_TIER:
            tiers[one.name] = read_tier(one.root, one.name)
        elif one.kind in {DocumentKind.CALICO_SET, DocumentKind.CALICO_GLOBAL_SET}:
            found, networks = read_network_set(one.root, one.namespace)
            sets[found] = (*sets.get(found, ()), *networks)
    return _Surroundings(tiers=tiers, scope=CalicoScope(namespace="", cluster=settings.local_cluster, sets=sets))


def _read(
    one: _Document, around: _Surroundings, settings: SemanticsSettings, memory: RuleMemory | None
) -> tuple[Section, ...]:
    root = one.root
    match one.kind:
        case DocumentKind.NETWORK_POLICY:
            root.known("apiVersion", "kind", "metadata", "spec", "status")
            return read_network_policy(root.need("spec"), namespace=one.namespace, settings=settings)
        case DocumentKind.CLUSTER_NETWORK_POLICY:
            root.known("apiVersion", "kind", "metadata", "spec", "status")
            return read_cluster_network_policy(root.need("spec"), settings=settings)
        case DocumentKind.CILIUM | DocumentKind.CILIUM_CLUSTERWIDE:
            root.known("apiVersion", "kind", "metadata", "spec", "specs", "status")
            return read_cilium_policy(root, namespace=one.namespace, settings=settings, memory=memory)
        case DocumentKind.CALICO | DocumentKind.CALICO_GLOBAL:
            root.known("apiVersion", "kind", "metadata", "spec", "status")
            scope = replace(around.scope, namespace=one.namespace)
            return read_calico_policy(root.need("spec"), name=one.name, scope=scope, tiers=around.tiers)
        case DocumentKind.CALICO_TIER | DocumentKind.CALICO_SET | DocumentKind.CALICO_GLOBAL_SET:
            return ()
        case _:
            assert_never(one.kind)
