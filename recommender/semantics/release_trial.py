"""Does a release let its quarantined edge through, and what else with it?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from recommender.model.connection import Connection, DirectionJudgement, Outcome
from recommender.model.release import ReleaseProof
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.existing_set import without_names
from recommender.semantics.judged_ends import clients_of, servers_of
from recommender.semantics.manifest_documents import ManifestReader
from recommender.semantics.reading import policy_name
from recommender.semantics.settings import SemanticsSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.edge import Edge, Workload, WorkloadEnd
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Manifest
    from recommender.model.release import WrittenRelease
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.manifest_documents import ManifestDocument


def try_releases(
    releases: Sequence[WrittenRelease],
    edges: Sequence[Edge],
    *,
    workloads: Sequence[Workload],
    manifests: Sequence[Manifest],
    inventory: Inventory,
    existing: Sequence[ManifestDocument] = (),
    settings: SemanticsSettings | None = None,
    reader: ManifestReader | None = None,
) -> tuple[ReleaseProof, ...]:
    """Judge every quarantined edge by the manifests of the run and each release that has a part in it.

    All documents are read at once and each edge is judged once: no release denies, so what one allows together with the
    manifests, and the `existing` policies that stay, is what their rules allow in it. `edges` are those in quarantine.
    `settings` say by whose reading; `reader` remembers manifests. One proof a release, in the order given; without
    manifests it allows nothing.
    """
    reader = reader or ManifestReader()
    written = {release.edge_id: reader.read(release.manifests) for release in releases}
    made = [*reader.read(manifests), *(document for found in written.values() for document in found)]
    documents = (*without_names(existing, made), *made)
    chosen = replace(settings or SemanticsSettings(), every_allow_decides=True)
    trial = _Trial(
        policies=policies_by_cluster(documents, workloads, inventory, chosen, reader.rules),
        workloads={workload.end: workload for workload in workloads},
        owner={policy_name(one.document): edge_id for edge_id, found in written.items() for one in found},
    )
    opened: defaultdict[str, set[str]] = defaultdict(set)
    allowed: set[str] = set()
    for edge in edges:
        sufficient, helpful = trial.releases_that_allow(edge)
        if edge.edge_id in sufficient:
            allowed.add(edge.edge_id)
        for other in helpful - {edge.edge_id}:
            opened[other].add(edge.edge_id)
    return tuple(
        ReleaseProof(
            edge_id=release.edge_id,
            allows=release.edge_id in allowed,
            opens=tuple(sorted(opened[release.edge_id])),
        )
        for release in releases
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    policies: ClusterPolicies
    """The manifests of the run and all releases."""
    workloads: Mapping[WorkloadEnd, Workload]
    owner: Mapping[str, str]
    """`Kind/namespace/name` of a release's policy to the edge that it is for."""

    def releases_that_allow(self, edge: Edge) -> tuple[frozenset[str], frozenset[str]]:
        """Ids of the releases with which all combinations of the edge's ends pass, and of those with which any does.

        Without an id where the manifests alone let it pass: then no release does.
        """
        found = [
            self._needed(Connection(source=source, destination=destination, protocol=edge.protocol, port=edge.port))
            for source, destination in product(
                self.policies.distinct(clients_of(edge, self.workloads)),
                self.policies.distinct(servers_of(edge, self.workloads)),
            )
        ]
        if not found:
            return frozenset(), frozenset()
        opening = frozenset[str]().union(*(one for one in found if one is not None))
        always = frozenset({edge.edge_id}) if all(one is None or edge.edge_id in one for one in found) else frozenset()
        return always, opening

    def _needed(self, connection: Connection) -> frozenset[str] | None:
        """The releases of which one is enough for this connection; None if it passes without any."""
        judgement = self.policies.judge(connection)
        sides = [self._of_side(side) for side in (judgement.egress, judgement.ingress)]
        needed = [side for side in sides if side is not None]
        return frozenset.intersection(*needed) if needed else None

    def _of_side(self, side: DirectionJudgement) -> frozenset[str] | None:
        """The releases that allow this side; None if the manifests do."""
        if side.outcome is Outcome.DENIED:
            return frozenset()
        if side.outcome is Outcome.NOT_APPLICABLE or not side.decided_by:
            return None
        if any(name not in self.owner for name in side.decided_by):
            return None
        return frozenset(self.owner[name] for name in side.decided_by)
