"""Every trap asked about all manifests together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recommender import __version__
from recommender.assess.gaps.report import make_gap
from recommender.model.cni import Cni
from recommender.model.cni_plugins import PLUGINS
from recommender.model.connection import PodEndpoint
from recommender.model.findings import Findings, PlacedGap
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.lint.codes import REFUSED
from recommender.rollout.lint.kustomization import kustomized_order
from recommender.rollout.lint.manifest_set import ManifestSet, sort_out
from recommender.rollout.lint.traps import (
    addresses,
    calico,
    cilium,
    cluster_network_policy,
    names,
    network_plugin,
    network_policy,
    order,
    overlaps,
    ports,
    selectors,
)
from recommender.rollout.places import Places
from recommender.semantics.cluster_policies import DEFAULT_CLUSTER
from recommender.semantics.reading import read_documents, reading_of
from recommender.semantics.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from recommender.model.inventory import Inventory
    from recommender.rollout.lint.manifest_set import Hit
    from recommender.rollout.policy_side import PolicySide
    from recommender.semantics.compiled import Section
    from recommender.semantics.manifest_documents import ManifestDocument

_TRAPS: Final[tuple[Callable[[ManifestSet], Iterator[Hit]], ...]] = (
    addresses.find,
    calico.find,
    cilium.find,
    cluster_network_policy.find,
    names.find,
    network_plugin.find,
    network_policy.find,
    order.find,
    overlaps.find,
    ports.find,
    selectors.find,
)


def manifest_set(side: PolicySide, *, inventory: Sequence[Path] = (), cni: Cni | None = None) -> ManifestSet:
    """The manifests of a side and the cluster that they are for.

    Args:
        side: The manifests.
        inventory: What `kubectl get … -o json` printed; without it a report beside the manifests tells of workloads.
        cni: The network plugin; by default the one whose DaemonSet the inventory holds.
    """
    sound = sort_out(side.sources, DEFAULT_CLUSTER)[0]
    files = replace(side.files, sources=tuple(policy.source for policy in sound))
    picture = picture_of((replace(side, files=files),), inventory=inventory)
    members = picture.scene.members
    clusters = sorted({item.endpoint.cluster for item in members if isinstance(item.endpoint, PodEndpoint)})
    cluster = clusters[0] if clusters else DEFAULT_CLUSTER
    policies, refused, sections = sort_out(side.sources, cluster)
    documents = [policy.source.document for policy in policies]
    known = bool(members) and bool(sections)
    return ManifestSet(
        policies=policies,
        refused=refused,
        sections=sections,
        beside=_sections_of(picture.existing, cluster),
        judged=picture.judged(documents).by_cluster.get(cluster) if known else None,
        scene=picture.scene,
        inventory=picture.inventory,
        cni=cni or installed_plugin(picture.inventory),
        kustomized=kustomized_order(Path(side.path)),
    )


def _sections_of(existing: Sequence[ManifestDocument], cluster: str) -> tuple[Section, ...]:
    """What policies in force say, each of which was read before."""
    documents = [item.document for item in existing]
    reading = replace(settings_of({document.get("kind") for document in documents}), local_cluster=cluster)
    return read_documents(documents, reading_of(documents, reading))


def installed_plugin(inventory: Inventory) -> Cni | None:
    """The plugin whose agents an inventory holds, if it is one alone."""
    running = {item.name for item in inventory.workloads if item.kind == "DaemonSet"}
    found = [plugin for plugin in PLUGINS if running & plugin.daemon_sets.keys()]
    return Cni(plugin=found[0], origin="by its DaemonSet") if len(found) == 1 else None


def hits(manifests: ManifestSet) -> tuple[Hit, ...]:
    """Every trap that a manifest fell into, each once."""
    return tuple(dict.fromkeys(hit for trap in _TRAPS for hit in trap(manifests)))


def findings_of_lint(manifests: ManifestSet) -> Findings:
    """What is wrong with the manifests, at its line, worst first."""
    places = Places.of([policy.source for policy in manifests.policies])
    placed = [
        PlacedGap(
            gap=make_gap(REFUSED, subject=error.where or source.document.path, reason=error.what),
            file=source.document.path,
            line=source.node.start_mark.line + 1,
        )
        for source, error in manifests.refused
    ]
    for hit in hits(manifests):
        subject = f"{hit.policy} {hit.path}".rstrip()
        gap = make_gap(hit.finding, subject=subject, reason=hit.reason, severity=hit.severity, facts=(hit.reason,))
        placed.append(places.placed(gap, hit.policy, hit.path))
    ordered = sorted(placed, key=lambda item: (item.gap.sort_key, item.file, item.line))
    return Findings(tool_version=__version__, checks=(), placed=tuple(ordered))
