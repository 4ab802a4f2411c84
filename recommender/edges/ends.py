"""Which workload, entity or outside party stands behind each endpoint row?

Endpoint rows number with pods, not with flows, so this is plain Python; its result is a small table that the SQL of
this room joins to flows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.edge import EntityEnd, WorkloadEnd
from recommender.model.entity import Entity, entity_of
from recommender.model.labels import LabelSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.inventory import Inventory
    from recommender.model.sql_engine import SqlEngine

CIDR_IDENTITY_SCOPE: Final = 1 << 24
"""Identities from here on are node-local CIDR and FQDN identities (Cilium `pkg/identity/numericidentity.go`)."""
REMOTE_NODE_IDENTITY_SCOPE: Final = 1 << 25
_NODE_LABELS: Final = frozenset({"host", "remote-node"})
_HOST_IDENTITY: Final = 1
_NODE_IDENTITIES: Final = frozenset({1, 6})
VOLATILE_KEYS: Final = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "job-name",
        "controller-uid",
    }
)
"""Keys that change from pod to pod of one owner: ignored when an owner must be guessed from labels alone."""
ROLE_KEYS: Final = (
    "app.kubernetes.io/name",
    "app",
    "k8s-app",
    "app.kubernetes.io/component",
    "name",
    "component",
    "role",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRow:
    """One row of the endpoints table with its labels."""

    endpoint_id: int
    local: bool
    identity: int
    cluster: str
    namespace: str
    pod: str
    workload_kind: str
    workload_name: str
    labels: LabelSet


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedEndpoint:
    """An endpoint row and the end it stands for; `end` is None for outside parties and unknowns."""

    row: EndpointRow
    end: WorkloadEnd | EntityEnd | None
    external: bool
    """Outside the cluster: named by address or DNS name."""

    @property
    def on_node(self) -> bool:
        """Whether this is a node's own end, whatever other labels it carries (hubble-quirks 32)."""
        reserved, identity = self.row.labels.reserved, self.row.identity
        by_number = not reserved and (identity in _NODE_IDENTITIES or identity >= REMOTE_NODE_IDENTITY_SCOPE)
        return not reserved.isdisjoint(_NODE_LABELS) or (by_number and not self.row.namespace)

    @property
    def own_host(self) -> bool:
        """Whether this is the node that recorded it, whatever other labels it carries."""
        reserved = self.row.labels.reserved
        return "host" in reserved or (not reserved and self.row.identity == _HOST_IDENTITY and not self.row.namespace)


def load_endpoint_rows(connection: SqlEngine) -> list[EndpointRow]:
    """Read the endpoints with their label sets, ordered by id."""
    query = """
        SELECT e.endpoint_id, e.local, e.identity, coalesce(e.cluster, ''), coalesce(e.namespace, ''),
               coalesce(e.pod, ''), coalesce(e.workload_kind, ''), coalesce(e.workload_name, ''), e.label_set_id
        FROM (SELECT DISTINCT ON (endpoint_id) * FROM endpoints) e ORDER BY e.endpoint_id
    """
    label_sets = {
        identifier: LabelSet.parse(labels)
        for identifier, labels in connection.execute("SELECT DISTINCT label_set_id, labels FROM label_sets").fetchall()
    }
    nothing = LabelSet(labels=())
    rows = []
    for identifier, local, identity, cluster, namespace, pod, kind, name, label_set in connection.execute(
        query
    ).fetchall():
        labels = label_sets.get(label_set, nothing)
        rows.append(
            EndpointRow(
                endpoint_id=identifier,
                local=bool(local),
                identity=identity or 0,
                cluster=cluster or labels.cluster,
                namespace=namespace or labels.namespace,
                pod=pod,
                workload_kind=kind,
                workload_name=name,
                labels=labels,
            )
        )
    return rows


def cluster_names(rows: Iterable[EndpointRow]) -> tuple[str, ...]:
    """Names of the clusters that endpoints belong to, sorted; unnamed ones count as `default` beside named ones."""
    names = {row.cluster for row in rows if row.namespace}
    return tuple(sorted({name or "default" for name in names})) if names - {""} else ()


class EndResolver:
    """Finds the owner of each pod: by its own record, by pod name, by inventory, by labels.

    Remote ends carry no workload before Cilium 1.20.2 (hubble-quirks 24), so what one node says of a pod serves all.
    """

    def __init__(self, rows: Iterable[EndpointRow], inventory: Inventory) -> None:
        rows = tuple(rows)
        clusters = cluster_names(rows)
        self._single_cluster = len(clusters) <= 1
        self._owners_reported = any(row.workload_name for row in rows)
        self._inventory = {
            (pod.namespace, pod.name): (pod.owner_kind, pod.owner_name) for pod in inventory.pods if pod.owner_name
        }
        self._by_pod = {
            (self._cluster(row), row.namespace, row.pod): (row.workload_kind or "Workload", row.workload_name)
            for row in rows
            if row.workload_name and row.pod
        }
        self._local_pods = {(self._cluster(row), row.namespace, row.pod) for row in rows if row.local and row.pod}
        owners: dict[tuple[str, str, LabelSet], set[tuple[str, str]]] = defaultdict(set)
        for row in rows:
            owner = self._reported_owner(row, self._cluster(row)) if row.namespace else None
            if owner:
                owners[(self._cluster(row), row.namespace, row.labels)].add(owner)
        self._by_labels = {key: min(found) for key, found in owners.items() if len(found) == 1}

    def resolve(self, row: EndpointRow) -> ResolvedEndpoint:
        """Name the end behind one endpoint row."""
        entity = entity_of(row.labels.reserved, row.identity)
        if entity is None and row.identity >= REMOTE_NODE_IDENTITY_SCOPE and not row.namespace:
            entity = Entity.REMOTE_NODE
        has_cidr = bool(row.labels.cidrs) or CIDR_IDENTITY_SCOPE <= row.identity < REMOTE_NODE_IDENTITY_SCOPE
        if entity is Entity.WORLD or (entity is None and has_cidr and not row.namespace):
            return ResolvedEndpoint(row=row, end=None, external=True)
        if entity is not None:
            return ResolvedEndpoint(row=row, end=EntityEnd(entity=entity), external=False)
        if row.namespace:
            return ResolvedEndpoint(row=row, end=self._workload(row), external=False)
        return ResolvedEndpoint(row=row, end=None, external=False)

    def _cluster(self, row: EndpointRow) -> str:
        return "" if self._single_cluster else row.cluster or "default"

    def _workload(self, row: EndpointRow) -> WorkloadEnd:
        cluster = self._cluster(row)
        kind, name = self._owner(row, cluster)
        return WorkloadEnd(cluster=cluster, namespace=row.namespace, kind=kind, name=name)

    def _owner(self, row: EndpointRow, cluster: str) -> tuple[str, str]:
        reported = self._reported_owner(row, cluster)
        by_labels = self._by_labels.get((cluster, row.namespace, row.labels))
        return reported or by_labels or owner_from_labels(row.labels, row.pod)

    def _reported_owner(self, row: EndpointRow, cluster: str) -> tuple[str, str] | None:
        if row.workload_name:
            return (row.workload_kind or "Workload", row.workload_name)
        if not row.pod:
            return None
        known = self._by_pod.get((cluster, row.namespace, row.pod)) or self._inventory.get((row.namespace, row.pod))
        if known:
            return known
        # A pod that its own node reports without an owner, where owners are reported, has none (hubble-quirks 24).
        ownerless = self._owners_reported and (cluster, row.namespace, row.pod) in self._local_pods
        return ("Pod", row.pod) if ownerless else None


def owner_from_labels(labels: LabelSet, pod: str) -> tuple[str, str]:
    """An owner for a pod that nobody names: its stable labels, else the pod itself.

    Two pods with equal stable labels become one workload of kind `LabelSet`; its name is the role label's value and a
    digest, since nothing better is known.
    """
    stable = {key: value for key, value in labels.pod_labels.items() if key not in VOLATILE_KEYS}
    if not stable:
        return ("Pod", pod) if pod else ("LabelSet", f"unlabelled-{labels.digest[:6]}")
    role = next((stable[key] for key in ROLE_KEYS if stable.get(key)), min(stable))
    digest = LabelSet.parse(f"k8s:{key}={value}" for key, value in stable.items()).digest
    return ("LabelSet", f"{re.sub(r'[^a-z0-9.-]+', '-', role.lower())[:40].strip('-.') or 'labels'}-{digest[:6]}")


def end_key(end: WorkloadEnd | EntityEnd) -> str:
    """The end as one text for SQL; the unit separator cannot occur in Kubernetes names."""
    if isinstance(end, EntityEnd):
        return f"e\x1f{end.entity}"
    return f"w\x1f{end.cluster}\x1f{end.namespace}\x1f{end.kind}\x1f{end.name}"


def ends_by_key(resolved: Iterable[ResolvedEndpoint]) -> Mapping[str, WorkloadEnd | EntityEnd]:
    """The ends found, by the key that SQL knows them by."""
    return {end_key(endpoint.end): endpoint.end for endpoint in resolved if endpoint.end is not None}
