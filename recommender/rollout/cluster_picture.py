"""The cluster as described: who is there, and which other policies stand beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.ingest import load_inventory
from recommender.model.existing import PolicyFate
from recommender.model.manifest import Dialect
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.existing_set import read_existing, without_names
from recommender.semantics.kinds import kind_of
from recommender.semantics.scene import Scene, scene_of_inventory, scene_of_report
from recommender.semantics.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from recommender.model.inventory import Inventory
    from recommender.rollout.policy_side import PolicySide
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.manifest_documents import ManifestDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPicture:
    """What policies of one or several sides are judged in."""

    scene: Scene
    inventory: Inventory
    existing: tuple[ManifestDocument, ...]
    """Policies in force that no side holds itself, sorted by name."""
    unjudged: tuple[tuple[str, str], ...]
    """(name, reason) of policies in force that cannot be judged, sorted."""

    def policies(self, side: PolicySide) -> ClusterPolicies:
        """The policies of a side together with those that stand beside it.

        Raises:
            InvalidPolicyError: One that an API server or the CNI would refuse.
        """
        return self.judged(side.files.documents)

    def judged(self, documents: Sequence[ManifestDocument]) -> ClusterPolicies:
        """These policies together with those that stand beside them.

        Raises:
            InvalidPolicyError: One that an API server or the CNI would refuse.
        """
        beside = without_names(self.existing, documents)
        kinds = {document.document.get("kind") for document in (*beside, *documents)}
        return policies_by_cluster((*beside, *documents), self.scene.workloads, self.inventory, settings_of(kinds))


def picture_of(
    sides: Sequence[PolicySide], *, inventory: Sequence[Path] = (), with_existing: bool = True
) -> ClusterPicture:
    """The cluster by its inventory, or else as the reports of the sides describe it.

    Policies of the inventory (or else of the reports) that no side holds stand beside all of them. What an earlier run
    wrote and no side holds is no part of them: applying a set replaces it.

    Args:
        sides: Whose policies will be judged.
        inventory: What `kubectl get … -o json` printed.
        with_existing: Whether policies that are in force already count.
    """
    described = load_inventory(inventory)
    workloads = {item.end: item for side in sides for item in side.report.workloads}
    scene = scene_of_inventory(described) if described.given else scene_of_report(workloads.values())
    existing, unjudged = _existing(sides, described) if with_existing else ((), ())
    return ClusterPicture(scene=scene, inventory=described, existing=existing, unjudged=unjudged)


def _existing(
    sides: Sequence[PolicySide], inventory: Inventory
) -> tuple[tuple[ManifestDocument, ...], tuple[tuple[str, str], ...]]:
    names = frozenset(name for side in sides for name in side.names)
    documents = [document for side in sides for document in side.files.documents]
    if inventory.policies:
        found = read_existing(
            inventory,
            own_names=names,
            settings=settings_of({document.document.get("kind") for document in documents}),
            dialect=_dialect(documents),
        )
        left = tuple((item.name, item.reason) for item in found.policies if item.fate is PolicyFate.UNJUDGED)
        return found.judged, left
    recorded = {document.path: document for side in sides for document in side.existing}
    return tuple(recorded[name] for name in sorted(recorded.keys() - names)), ()


def _dialect(documents: Iterable[ManifestDocument]) -> Dialect:
    """Calico's policies and Cilium's are never in force together: which of the two reads these?"""
    by_calico = any(kind_of(document.document).of_calico for document in documents)
    return Dialect.CALICO if by_calico else Dialect.CILIUM
