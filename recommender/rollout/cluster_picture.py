"""The cluster as described: who is there, and which other policies stand beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.ingest import load_inventory
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.existing_set import without_names
from recommender.semantics.scene import Scene, scene_of_inventory, scene_of_report
from recommender.semantics.settings import settings_of
from recommender.semantics.standing_policies import StandingPolicies, standing_beside

if TYPE_CHECKING:
    from collections.abc import Sequence
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

    Policies of the inventory (or else of the reports) that no side holds stand beside all of them (`standing_beside`).

    Args:
        sides: Whose policies will be judged.
        inventory: What `kubectl get … -o json` printed.
        with_existing: Whether policies that are in force already count.
    """
    described = load_inventory(inventory)
    workloads = {item.end: item for side in sides for item in side.report.workloads}
    scene = scene_of_inventory(described) if described.given else scene_of_report(workloads.values())
    standing = StandingPolicies()
    if with_existing:
        documents = [document for side in sides for document in side.files.documents]
        recorded = (document for side in sides for document in side.report.existing)
        standing = standing_beside(documents, described, recorded)
    return ClusterPicture(scene=scene, inventory=described, existing=standing.judged, unjudged=standing.unjudged)
