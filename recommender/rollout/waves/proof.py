"""Is anything needed cut off at any moment of the rollout or of its way back? The evaluator is asked at each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import yaml

from recommender.model.connection import Connection
from recommender.model.disposition import Disposition
from recommender.model.edge import Protocol
from recommender.rollout.recorded_ends import endpoints_of
from recommender.rollout.waves.plan import Stage
from recommender.semantics.kinds import concerns_policies
from recommender.semantics.manifest_documents import ManifestDocument, cluster_of_document
from recommender.semantics.named_ends import as_peer_of
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from recommender.rollout.cluster_picture import ClusterPicture
    from recommender.rollout.waves.plan import PlannedObject, Wave
    from recommender.semantics.recorded_report import RecordedEdge, RecordedReport

_NEEDED = frozenset(item.value for item in Disposition if item.allowed)

_Key = tuple[str, str]
_Standing = dict[_Key, ManifestDocument]
"""Objects that are there, by cluster and policy name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The objects that stand after one of them was applied or deleted."""

    after: str
    """The wave and the step, such as `02-dev-ingress-1: manifests/shop/web.yaml`."""
    documents: tuple[ManifestDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A needed edge that passed before the rollout and does not at some moment of it."""

    moment: str
    edge: str


def moments(waves: Iterable[Wave], before: Iterable[Mapping[str, Any]] = ()) -> Iterator[Moment]:
    """What stands after each single step, in order: every wave there, its way back, and on from where it leads.

    Objects of an audit wave count as if they were enforced, unless their kind denies nothing: a pod that starts while
    its endpoint's audit mode is not set yet is enforced. An audit ends with its way back, so the next wave starts from
    what stood before it.

    Args:
        waves: In order.
        before: What an earlier run left in force.
    """
    standing: _Standing = {(item.cluster, item.path): item for item in map(_named, before)}
    for wave in waves:
        started = dict(standing)
        yield from _there(wave, standing)
        back = dict(standing)
        yield from _back(wave, back)
        if wave.stage is Stage.AUDIT:
            standing = started


def _there(wave: Wave, standing: _Standing) -> Iterator[Moment]:
    for item in (*wave.guards, *wave.objects):
        yield from _applied(standing, item.document, f"{wave.name}: {item.file}")
    for item in wave.guards:
        yield from _deleted(standing, item, f"{wave.name}: {item.file} deleted")


def _back(wave: Wave, standing: _Standing) -> Iterator[Moment]:
    """In the order of the commands: guards, what is restored, what is deleted, guards away."""
    for item in wave.guards:
        yield from _applied(standing, item.document, f"{wave.name} back: {item.file}")
    for item in wave.restored:
        yield from _applied(standing, yaml.safe_load(item.before), f"{wave.name} back: {item.file} restored")
    for item in (*wave.removed, *wave.guards):
        yield from _deleted(standing, item, f"{wave.name} back: {item.file} deleted")


def _applied(standing: _Standing, document: Mapping[str, Any], after: str) -> Iterator[Moment]:
    if not _counts(document):
        return
    named = _named(document)
    standing.pop(("", named.path), None)
    standing[(named.cluster, named.path)] = named
    yield Moment(after=after, documents=tuple(standing.values()))


def _deleted(standing: _Standing, item: PlannedObject, after: str) -> Iterator[Moment]:
    if not _counts(item.document):
        return
    named = _named(item.document)
    if standing.pop((named.cluster, named.path), None) is not None:
        yield Moment(after=after, documents=tuple(standing.values()))


def _named(document: Mapping[str, Any]) -> ManifestDocument:
    return ManifestDocument(path=policy_name(document), cluster=cluster_of_document(document), document=document)


def _counts(document: Mapping[str, Any]) -> bool:
    return concerns_policies(document) and not str(document.get("kind")).startswith("Staged")


_Asked = tuple["RecordedEdge", tuple[Connection, ...]]
"""An edge, and the connections that stand for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixProof:
    """Judges the needed edges of a report at any moment."""

    picture: ClusterPicture
    asked: tuple[_Asked, ...]
    """Needed edges that pass before the rollout by the policies in force."""
    held_off: tuple[_Asked, ...]
    """Those that the policies in force deny by their texts, though they were seen to pass: audit mode may hold these
    policies off, so the objects of the rollout alone must not cut them either."""
    denied: tuple[str, ...]
    """Keys of needed edges that neither the policies in force nor the report's pass: nothing here can cut them."""

    @classmethod
    def of(
        cls,
        report: RecordedReport,
        picture: ClusterPicture,
        before: Iterable[Mapping[str, Any]] = (),
        written: Sequence[ManifestDocument] = (),
    ) -> PrefixProof:
        """Which needed edges can be cut at all?

        Args:
            report: With the edges.
            picture: The cluster and the policies in force.
            before: What an earlier run left in force.
            written: The report's own policies, which the rollout ends with.
        """
        start = picture.judged([*map(_named, before)])
        end = replace(picture, existing=()).judged(written)
        asked: list[_Asked] = []
        held_off: list[_Asked] = []
        denied: list[str] = []
        for edge, connections in _needed(report):
            passing = tuple(item for item in connections if start.judge(item).allowed)
            if passing:
                asked.append((edge, passing))
            elif written and connections and all(end.judge(item).allowed for item in connections):
                held_off.append((edge, connections))
            else:
                denied.append(edge.key)
        return cls(picture=picture, asked=tuple(asked), held_off=tuple(held_off), denied=tuple(denied))

    def cuts(self, moment: Moment) -> Iterator[Cut]:
        """The needed edges that are denied at a moment."""
        yield from self._cuts(moment, self.asked, self.picture)
        if self.held_off:
            yield from self._cuts(moment, self.held_off, replace(self.picture, existing=()))

    def _cuts(self, moment: Moment, asked: tuple[_Asked, ...], picture: ClusterPicture) -> Iterator[Cut]:
        policies = picture.judged(moment.documents)
        for edge, connections in asked:
            if not all(policies.judge(item).allowed for item in connections):
                yield Cut(moment=moment.after, edge=edge.key)


def _needed(report: RecordedReport) -> Iterator[_Asked]:
    workloads = {str(workload.end): workload for workload in report.workloads}
    for edge in report.edges:
        if edge.disposition not in _NEEDED or edge.client == edge.server:
            continue
        clients = endpoints_of(edge.client, workloads, (), ())
        servers = endpoints_of(edge.server, workloads, edge.server_addresses, edge.names)
        yield (
            edge,
            tuple(
                Connection(
                    source=one, destination=as_peer_of(one, other), protocol=Protocol(edge.protocol), port=edge.port
                )
                for one, other in product(clients, servers)
            ),
        )
