"""Is anything needed cut off at any moment of the rollout? Every prefix of the apply order, by the evaluator."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from recommender.model.connection import Connection
from recommender.model.disposition import Disposition
from recommender.model.edge import Protocol
from recommender.rollout.recorded_ends import endpoints_of
from recommender.semantics.kinds import concerns_policies
from recommender.semantics.manifest_documents import ManifestDocument
from recommender.semantics.named_ends import as_peer_of
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recommender.rollout.cluster_picture import ClusterPicture
    from recommender.rollout.waves.plan import PlannedObject, Wave
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.recorded_report import RecordedEdge, RecordedReport

_NEEDED = frozenset(item.value for item in Disposition if item.allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The objects that stand after one of them was applied or deleted."""

    after: str
    """The wave and the object, such as `02-dev-ingress-1: manifests/shop/web.yaml`."""
    documents: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A needed edge that passed before the rollout and does not at some moment of it."""

    moment: str
    edge: str


def moments(waves: Iterable[Wave]) -> Iterator[Moment]:
    """What stands after each single step of enforcing, in order: guards, objects, guards away."""
    standing: dict[str, Mapping[str, Any]] = {}
    for wave in waves:
        for item in (*wave.guards, *wave.objects):
            if _counts(item):
                standing[policy_name(item.document)] = item.document
                yield Moment(after=f"{wave.name}: {item.file}", documents=tuple(standing.values()))
        for item in wave.guards:
            del standing[policy_name(item.document)]
            yield Moment(after=f"{wave.name}: {item.file} deleted", documents=tuple(standing.values()))


def _counts(item: PlannedObject) -> bool:
    return concerns_policies(item.document) and not str(item.document.get("kind")).startswith("Staged")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixProof:
    """Judges the needed edges of a report at any moment."""

    picture: ClusterPicture
    asked: tuple[tuple[RecordedEdge, tuple[Connection, ...]], ...]
    """Needed edges that pass before the rollout, and what stands for them."""

    @classmethod
    def of(cls, report: RecordedReport, picture: ClusterPicture) -> PrefixProof:
        """The edges that pass by the policies in force alone; nothing else can be cut by a rollout."""
        start = picture.judged(())
        workloads = {str(workload.end): workload for workload in report.workloads}
        asked = []
        for edge in report.edges:
            if edge.disposition not in _NEEDED or edge.client == edge.server:
                continue
            clients = endpoints_of(edge.client, workloads, (), ())
            servers = endpoints_of(edge.server, workloads, edge.server_addresses, edge.names)
            connections = tuple(
                Connection(
                    source=one, destination=as_peer_of(one, other), protocol=Protocol(edge.protocol), port=edge.port
                )
                for one, other in product(clients, servers)
            )
            passing = tuple(item for item in connections if start.judge(item).allowed)
            if passing:
                asked.append((edge, passing))
        return cls(picture=picture, asked=tuple(asked))

    def cuts(self, moment: Moment) -> Iterator[Cut]:
        """The needed edges that are denied at a moment."""
        policies = self._policies(moment)
        for edge, connections in self.asked:
            if not all(policies.judge(item).allowed for item in connections):
                yield Cut(moment=moment.after, edge=edge.key)

    def _policies(self, moment: Moment) -> ClusterPolicies:
        return self.picture.judged(
            [
                ManifestDocument(path=policy_name(document), cluster="", document=document)
                for document in moment.documents
            ]
        )
