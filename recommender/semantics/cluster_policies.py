"""The manifests of several clusters: each cluster's policies govern its own pods only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from recommender.errors import InvalidPolicyError
from recommender.model.connection import Connection, Judgement, PodEndpoint
from recommender.model.explanation import Explanation
from recommender.semantics.evaluator import PolicySet
from recommender.semantics.explain import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.connection import JudgedEndpoint
    from recommender.model.edge import Workload
    from recommender.model.http_request import HttpRequest
    from recommender.model.inventory import Inventory
    from recommender.model.labels import LabelSet
    from recommender.semantics.manifest_documents import ManifestDocument
    from recommender.semantics.rule_memory import RuleMemory
    from recommender.semantics.settings import SemanticsSettings

DEFAULT_CLUSTER: Final = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPolicies:
    """One policy set a cluster."""

    by_cluster: Mapping[str, PolicySet]
    fallback: PolicySet
    """For connections without a pod."""

    def judge(self, connection: Connection) -> Judgement:
        """Would it pass the source cluster's egress policies and the destination cluster's ingress policies?"""
        at_source, at_destination = self.of(connection.source), self.of(connection.destination)
        judgement = at_source.judge(connection)
        if at_source is at_destination:
            return judgement
        return Judgement(egress=judgement.egress, ingress=at_destination.judge(connection).ingress)

    def judge_request(self, connection: Connection, request: HttpRequest) -> Judgement:
        """Would this HTTP request pass the policies of both ends' clusters?"""
        at_source, at_destination = self.of(connection.source), self.of(connection.destination)
        judgement = at_source.judge_request(connection, request)
        if at_source is at_destination:
            return judgement
        ingress = at_destination.judge_request(connection, request).ingress
        return Judgement(egress=judgement.egress, ingress=ingress)

    def explain(self, connection: Connection) -> Explanation:
        """Why does it pass the source cluster's egress policies and the destination cluster's ingress policies?"""
        at_source, at_destination = self.of(connection.source), self.of(connection.destination)
        explanation = explain(at_source, connection)
        if at_source is at_destination:
            return explanation
        return Explanation(egress=explanation.egress, ingress=explain(at_destination, connection).ingress)

    @property
    def sets(self) -> tuple[PolicySet, ...]:
        """Every policy set once."""
        found = {id(policies): policies for policies in (self.fallback, *self.by_cluster.values())}
        return tuple(found.values())

    def of(self, endpoint: JudgedEndpoint) -> PolicySet:
        """The policies that govern this endpoint."""
        if isinstance(endpoint, PodEndpoint):
            return self.by_cluster.get(endpoint.cluster, self.fallback)
        return self.fallback

    def idle(self, pods: Iterable[JudgedEndpoint]) -> tuple[str, ...]:
        """Policies that select none of these pods, sorted."""
        everything = {name for policies in self.by_cluster.values() for name in policies.policies}
        governing = (self.of(pod).governing(pod) for pod in pods)
        return tuple(sorted(everything.difference(*governing)))

    def distinct(self, endpoints: Iterable[JudgedEndpoint]) -> tuple[JudgedEndpoint, ...]:
        """One endpoint of each kind that no policy of any cluster tells apart."""
        sets = (self.fallback, *self.by_cluster.values())
        kept: dict[object, JudgedEndpoint] = {}
        for endpoint in endpoints:
            kept.setdefault(tuple(policies.standing(endpoint) for policies in sets), endpoint)
        return tuple(kept.values())


def cluster_of(workload: Workload, labels: LabelSet) -> str:
    """The cluster that a label set of a workload belongs to."""
    return workload.end.cluster or labels.cluster or DEFAULT_CLUSTER


def policies_by_cluster(
    documents: Sequence[ManifestDocument],
    workloads: Sequence[Workload],
    inventory: Inventory,
    settings: SemanticsSettings,
    memory: RuleMemory | None = None,
) -> ClusterPolicies:
    """The policies in force in each cluster that has a workload or a manifest; `memory` of rules read before.

    Raises:
        InvalidPolicyError: A manifest that an API server or Cilium would refuse.
    """
    namespaces = _namespaces(workloads, inventory)
    clusters = sorted({*namespaces, *(item.cluster for item in documents if item.cluster)} or {DEFAULT_CLUSTER})
    sets = {
        cluster: _policy_set(documents, cluster, namespaces.get(cluster, {}), settings, memory) for cluster in clusters
    }
    fallback = sets.get(settings.local_cluster) or sets[clusters[0]]
    return ClusterPolicies(by_cluster=sets, fallback=fallback)


def _policy_set(
    documents: Sequence[ManifestDocument],
    cluster: str,
    namespaces: Mapping[str, Mapping[str, str]],
    settings: SemanticsSettings,
    memory: RuleMemory | None,
) -> PolicySet:
    chosen = [item for item in documents if item.cluster in {"", cluster}]
    local = replace(settings, local_cluster=cluster)
    try:
        given = [item.document for item in chosen]
        return PolicySet.parse(given, namespaces=namespaces, settings=local, memory=memory)
    except InvalidPolicyError as error:
        path = _refused_path(chosen, local)
        raise InvalidPolicyError(error.what, where=f"{path}: {error.where}", hint=error.hint) from error


def _refused_path(documents: Sequence[ManifestDocument], settings: SemanticsSettings) -> str:
    for item in documents:
        try:
            PolicySet.parse([item.document], namespaces={}, settings=settings)
        except InvalidPolicyError:
            return item.path
    return "manifests"


def _namespaces(workloads: Sequence[Workload], inventory: Inventory) -> dict[str, dict[str, dict[str, str]]]:
    """Namespace labels by cluster and namespace: as seen in identities, then as the inventory says."""
    found: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for workload in workloads:
        for labels in workload.label_sets:
            namespace = labels.namespace or workload.end.namespace
            found[cluster_of(workload, labels)].setdefault(namespace, {}).update(labels.namespace_labels)
        if not workload.label_sets:
            found[workload.end.cluster or DEFAULT_CLUSTER].setdefault(workload.end.namespace, {})
    for known in found.values():
        for namespace, labels_given in inventory.namespaces:
            known.setdefault(namespace, {}).update(labels_given)
    return dict(found)
