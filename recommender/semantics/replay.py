"""The replay proof: would every needed edge still pass, by the manifests as written?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, assert_never

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import EntityEnd, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.replay import ReplayProof
from recommender.semantics.beside import Beside
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.edge_trial import EdgeTrial
from recommender.semantics.existing_set import without_names
from recommender.semantics.judged_ends import pods_of
from recommender.semantics.manifest_documents import ManifestReader
from recommender.semantics.request_replay import replay_requests
from recommender.semantics.settings import SemanticsSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.edge import Edge, Workload
    from recommender.model.http_rule import HttpPair
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Manifest
    from recommender.model.policy import Direction
    from recommender.model.replay import Denial
    from recommender.semantics.edge_trial import EdgeVerdict
    from recommender.semantics.manifest_documents import ManifestDocument

_UNDECIDED: Final = Decided(disposition=Disposition.NEEDED, reason="nobody decided about it")
_HEALTH: Final = EntityEnd(entity=Entity.HEALTH)


class _Place(Enum):
    """Where an edge goes in the proof."""

    ALLOWED = auto()
    BROKEN = auto()
    EXCLUDED = auto()
    STILL_OPEN = auto()
    ATTESTED = auto()
    CUT = auto()


def replay(
    edges: Sequence[Edge],
    decided: Mapping[str, Decided],
    *,
    workloads: Sequence[Workload],
    manifests: Sequence[Manifest],
    inventory: Inventory,
    http_pairs: Sequence[HttpPair] = (),
    settings: SemanticsSettings | None = None,
    existing: Sequence[ManifestDocument] = (),
    attested: Mapping[str, frozenset[Direction]] | None = None,
    promised: Mapping[str, frozenset[Direction]] | None = None,
    reader: ManifestReader | None = None,
    last: bool = False,
) -> ReplayProof:
    """Judge every edge by the manifests' text, for every label set and address that its ends were seen with.

    A needed edge counts as allowed only if all combinations pass that no deny rule of an existing policy forbids; a
    quarantined one counts as still open if any does. The HTTP requests of needed edges that pass are then judged by the
    HTTP rules.

    Args:
        edges: Every stored edge.
        decided: What becomes of each, by `Edge.edge_id`; an edge without a decision counts as needed.
        workloads: The workloads that ends refer to; one that is missing is judged as a pod without labels.
        manifests: The policies as written, one YAML text each.
        inventory: For namespace labels.
        http_pairs: Which edges the manifests narrow to HTTP, and which requests they leave out on purpose.
        settings: Which CNI's reading to follow; its `local_cluster` is replaced by each cluster's own name.
        existing: Policies that are there already and stay: judged together with the manifests, as the cluster will.
        attested: By edge id, the directions that are left to policies which only flows name.
        promised: By edge id, the directions that are left to existing policies because their texts allow them.
        reader: Remembers manifests that several proofs are about.
        last: No further proof is about them, so that the reader need not remember them while edges are judged.

    Raises:
        InvalidPolicyError: A manifest that an API server or Cilium would refuse.
    """
    last = last or reader is None
    reader, chosen = reader or ManifestReader(), settings or SemanticsSettings()
    written = reader.read(manifests)
    known = {workload.end: workload for workload in workloads}
    kept = without_names(existing, written)
    policies = policies_by_cluster((*kept, *written), workloads, inventory, chosen, reader.rules)
    manifests_only = policies_by_cluster(written, workloads, inventory, chosen, reader.rules) if kept else policies
    beside = Beside(
        names=frozenset(document.path for document in kept),
        alone=EdgeTrial(policies=manifests_only, workloads=known),
        attested=attested or {},
        promised=promised or {},
    )
    trial = EdgeTrial(policies=policies, workloads=known)
    if last:
        del written
        reader.forget()
    placed = _Placed(decided=decided)
    for edge in sorted(edges, key=lambda item: item.sort_key):
        placed.put(edge, trial.judge(edge), beside)
    idle = policies.idle(pod for workload in workloads for pod in pods_of(workload))
    return replace(
        placed.proof(beside),
        manifests=len(manifests),
        idle_policies=tuple(name for name in idle if name not in beside.names),
        http=replay_requests([edge for edge, _ in placed.needed], trial, http_pairs, beside=beside),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """The edges by their place."""

    decided: Mapping[str, Decided]
    _places: dict[_Place, list[tuple[Edge, EdgeVerdict]]] = field(
        default_factory=lambda: {place: [] for place in _Place}, repr=False
    )

    def put(self, edge: Edge, verdict: EdgeVerdict, beside: Beside) -> None:
        """Find the place of an edge."""
        place = _place(edge, self._disposition(edge), verdict)
        if place is _Place.BROKEN and beside.is_attested(edge, verdict):
            place = _Place.ATTESTED
        elif place is _Place.BROKEN and beside.is_beyond_us(edge, verdict):
            place = _Place.CUT
        self._places[place].append((edge, verdict))

    @property
    def needed(self) -> list[tuple[Edge, EdgeVerdict]]:
        """Needed edges that pass: without those that always do (a pod to itself), or that nobody asked for."""
        return [item for item in self._places[_Place.ALLOWED] if self._disposition(item[0]).allowed]

    def proof(self, beside: Beside) -> ReplayProof:
        """What all of them prove below layer 7."""
        places = self._places
        excluded = places[_Place.EXCLUDED]
        return ReplayProof(
            edges=sum(map(len, places.values())),
            allowed=len(places[_Place.ALLOWED]),
            broken=_explained(places[_Place.BROKEN]),
            excluded=tuple(verdict.denial(edge, self.decided[edge.edge_id].reason) for edge, verdict in excluded),
            unsaid=sum(
                self._disposition(edge) is Disposition.EXCLUDED and not self._by_person(edge) for edge, _ in excluded
            ),
            left_out=sum(self._by_person(edge) for edge, _ in excluded),
            still_open=tuple(edge.key for edge, _ in places[_Place.STILL_OPEN]),
            existing=len(beside.names),
            dependent=tuple(beside.dependent(self.needed)),
            attested=_explained(places[_Place.ATTESTED]),
            cut_by_existing=_explained(places[_Place.CUT]),
            open_by_existing=tuple(beside.opened(places[_Place.STILL_OPEN])),
        )

    def _by_person(self, edge: Edge) -> bool:
        return self.decided.get(edge.edge_id, _UNDECIDED).by_person

    def _disposition(self, edge: Edge) -> Disposition:
        return self.decided.get(edge.edge_id, _UNDECIDED).disposition


def _explained(items: Sequence[tuple[Edge, EdgeVerdict]]) -> tuple[Denial, ...]:
    return tuple(verdict.denial(edge, verdict.explanation) for edge, verdict in items)


def _place(edge: Edge, disposition: Disposition, verdict: EdgeVerdict) -> _Place:
    match disposition:
        case Disposition.NEEDED | Disposition.REVIEW:
            return _Place.ALLOWED if verdict.all_permitted_pass else _Place.BROKEN
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
