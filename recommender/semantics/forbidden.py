"""Which edges do deny rules of existing policies forbid, whatever else allows them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.existing import ForbiddenEdge
from recommender.semantics.edge_trial import EdgeTrial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.edge import Edge, Workload
    from recommender.semantics.cluster_policies import ClusterPolicies


def forbidden_edges(
    edges: Sequence[Edge], existing: ClusterPolicies, workloads: Sequence[Workload]
) -> tuple[ForbiddenEdge, ...]:
    """The edges of which a deny rule (of any tier) decides some combination of what the ends were seen as.

    No rule of ours can open these: deny beats allow (Cilium docs, "Deny policies").
    """
    trial = EdgeTrial(policies=existing, workloads={workload.end: workload for workload in workloads})
    found = []
    for edge in sorted(edges, key=lambda item: item.sort_key):
        verdict = trial.judge(edge)
        if verdict.forbidden:
            whole = verdict.forbidden == verdict.combinations
            found.append(ForbiddenEdge(edge_id=edge.edge_id, policies=verdict.forbidden_by, whole=whole))
    return tuple(found)
