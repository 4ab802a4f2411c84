"""Quarantined edges with their way out: said in the run's dialect, judged by the evaluator, written as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.dialect import held_files, write_releases
from recommender.model.release import HeldEdge, Quarantine
from recommender.semantics import try_releases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.edge import Workload
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Manifest, Provenance
    from recommender.model.policy_set import PolicySet
    from recommender.model.recommendation import AssessedEdge
    from recommender.semantics import SemanticsSettings
    from recommender.semantics.manifest_documents import ManifestDocument, ManifestReader


def hold(
    policy_set: PolicySet,
    manifests: Sequence[Manifest],
    *,
    provenance: Provenance,
    assessed: Mapping[str, AssessedEdge],
    workloads: Sequence[Workload],
    inventory: Inventory,
    existing: Sequence[ManifestDocument] = (),
    settings: SemanticsSettings | None = None,
    reader: ManifestReader | None = None,
) -> Quarantine:
    """What is kept out of `manifests`, with what would allow each edge and what the evaluator says of that.

    `existing` are the policies that stay in force beside the manifests; all are judged by the reading of `settings`.
    `reader` remembers manifests.
    """
    releases = write_releases(policy_set.releases, provenance.dialect, edges=assessed, policies=policy_set.policies)
    quarantined = [assessed[release.edge_id].edge for release in releases]
    proofs = try_releases(
        releases,
        quarantined,
        workloads=workloads,
        manifests=manifests,
        inventory=inventory,
        existing=existing,
        settings=settings,
        reader=reader,
    )
    held = tuple(
        HeldEdge(
            edge_id=release.edge_id,
            edge=assessed[release.edge_id].edge.key,
            reason=assessed[release.edge_id].decided.reason,
            file=release.file,
            manifests=release.manifests,
            obstacle=release.obstacle,
            allows=proof.allows,
            opens=tuple(sorted(assessed[other].edge.key for other in proof.opens)),
        )
        for release, proof in zip(releases, proofs, strict=True)
    )
    return Quarantine(edges=held, files=held_files(held, edges=assessed, provenance=provenance))
