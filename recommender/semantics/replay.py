"""The replay proof: would every needed edge still pass, by the manifests as written?"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, assert_never

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import EntityEnd, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.replay import Denial, ReplayProof
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.edge_trial import EdgeTrial, EdgeVerdict
from recommender.semantics.judged_ends import pods_of
from recommender.semantics.manifest_documents import read_manifests
from recommender.semantics.request_replay import replay_requests
from recommender.semantics.settings import SemanticsSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.edge import Edge, Workload
    from recommender.model.http_rule import HttpPair
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Manifest

_UNDECIDED: Final = Decided(disposition=Disposition.NEEDED, reason="nobody decided about it")
_HEALTH: Final = EntityEnd(entity=Entity.HEALTH)


class _Place(Enum):
    """Where an edge goes in the proof."""

    ALLOWED = auto()
    BROKEN = auto()
    EXCLUDED = auto()
    STILL_OPEN = auto()


def replay(
    edges: Sequence[Edge],
    decided: Mapping[str, Decided],
    *,
    workloads: Sequence[Workload],
    manifests: Sequence[Manifest],
    inventory: Inventory,
    http_pairs: Sequence[HttpPair] = (),
    settings: SemanticsSettings | None = None,
) -> ReplayProof:
    """Judge every edge by the manifests' text, for every label set and address that its ends were seen with.

    A needed edge counts as allowed only if all combinations pass; a quarantined one counts as still open if any does.
    The HTTP requests of needed edges that pass are then judged by the HTTP rules.

    Args:
        edges: Every stored edge.
        decided: What becomes of each, by `Edge.edge_id`; an edge without a decision counts as needed.
        workloads: The workloads that ends refer to; one that is missing is judged as a pod without labels.
        manifests: The policies as written, one YAML text each.
        inventory: For namespace labels.
        http_pairs: Which edges the manifests narrow to HTTP, and which requests they leave out on purpose.
        settings: Which CNI's reading to follow; its `local_cluster` is replaced by each cluster's own name.

    Raises:
        InvalidPolicyError: A manifest that an API server or Cilium would refuse.
    """
    policies = policies_by_cluster(read_manifests(manifests), workloads, inventory, settings or SemanticsSettings())
    trial = EdgeTrial(policies=policies, workloads={workload.end: workload for workload in workloads})
    places: dict[_Place, list[tuple[Edge, EdgeVerdict]]] = {place: [] for place in _Place}
    needed: list[Edge] = []
    for edge in sorted(edges, key=lambda item: item.sort_key):
        verdict = trial.judge(edge)
        disposition = decided.get(edge.edge_id, _UNDECIDED).disposition
        places[_place(edge, disposition, verdict)].append((edge, verdict))
        if disposition.allowed and verdict.all_pass:
            needed.append(edge)
    return ReplayProof(
        edges=len(edges),
        allowed=len(places[_Place.ALLOWED]),
        broken=tuple(_denial(edge, verdict, verdict.explanation) for edge, verdict in places[_Place.BROKEN]),
        excluded=tuple(
            _denial(edge, verdict, decided[edge.edge_id].reason) for edge, verdict in places[_Place.EXCLUDED]
        ),
        unsaid=sum(decided[edge.edge_id].disposition is Disposition.EXCLUDED for edge, _ in places[_Place.EXCLUDED]),
        still_open=tuple(edge.key for edge, _ in places[_Place.STILL_OPEN]),
        manifests=len(manifests),
        idle_policies=policies.idle(pod for workload in workloads for pod in pods_of(workload)),
        http=replay_requests(needed, trial, http_pairs),
    )


def _place(edge: Edge, disposition: Disposition, verdict: EdgeVerdict) -> _Place:
    match disposition:
        case Disposition.NEEDED | Disposition.REVIEW:
            return _Place.ALLOWED if verdict.all_pass else _Place.BROKEN
        case Disposition.IMPLICIT:
            return _implicit_place(edge, verdict)
        case Disposition.QUARANTINED:
            return _Place.STILL_OPEN if verdict.any_passes else _Place.EXCLUDED
        case Disposition.EXCLUDED:
            return _Place.ALLOWED if verdict.all_pass else _Place.EXCLUDED
        case _:
            assert_never(disposition)


def _implicit_place(edge: Edge, verdict: EdgeVerdict) -> _Place:
    """A pod's way to itself meets no policy; Cilium's own health checks reach pods only where nothing isolates them."""
    same_pod = isinstance(edge.client, WorkloadEnd) and edge.client == edge.server
    if verdict.all_pass or same_pod:
        return _Place.ALLOWED
    return _Place.EXCLUDED if _HEALTH in {edge.client, edge.server} else _Place.BROKEN


def _denial(edge: Edge, verdict: EdgeVerdict, reason: str) -> Denial:
    return Denial(edge_id=edge.edge_id, edge=edge.key, direction=verdict.direction, reason=reason)
