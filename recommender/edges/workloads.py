"""The workloads that the capture knows: label sets, pods, nodes and named ports of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from recommender.edges.ends import end_key
from recommender.edges.pod_starts import Life, read_lives, starts_seen
from recommender.model.edge import Workload, WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.edges.ends import ResolvedEndpoint
    from recommender.model.inventory import Inventory
    from recommender.model.labels import LabelSet
    from recommender.model.sql_engine import SqlEngine

_NAMED_PORTS_KEY: Final = "io.cilium.k8s.named-ports"
_PER_POD: Final = frozenset(
    {
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/job-completion-index",
    }
)
"""Labels that every pod of one template has its own value of."""

_PARTLY_SELECTED: Final = """
WITH everything AS (
    SELECT end_key, count(*) AS flows FROM (
        SELECT source_endpoint AS endpoint_id FROM comparable_flows
        UNION ALL SELECT destination_endpoint FROM comparable_flows
    ) JOIN ends USING (endpoint_id) GROUP BY end_key
), chosen AS (
    SELECT end_key, count(*) AS flows FROM (
        SELECT source_endpoint AS endpoint_id FROM flows UNION ALL SELECT destination_endpoint FROM flows
    ) JOIN ends USING (endpoint_id) GROUP BY end_key
)
SELECT DISTINCT end_key FROM ends LEFT JOIN everything USING (end_key) LEFT JOIN chosen USING (end_key)
WHERE ends.kind = 'workload' AND (chosen.flows IS NULL OR everything.flows > chosen.flows)
"""


def collect_workloads(
    connection: SqlEngine, resolved: Iterable[ResolvedEndpoint], inventory: Inventory
) -> tuple[Workload, ...]:
    """Every workload seen, sorted, with what its pods showed and whether any node reported it as its own."""
    nodes: dict[int, set[str]] = defaultdict(set)
    lives: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for identifier, node, address, first, last in read_lives(connection):
        nodes[identifier].add(node)
        lives[identifier].append((address, first, last))
    partly = {key for (key,) in connection.execute(_PARTLY_SELECTED).fetchall()}
    members: dict[WorkloadEnd, list[ResolvedEndpoint]] = defaultdict(list)
    for endpoint in resolved:
        if isinstance(endpoint.end, WorkloadEnd):
            members[endpoint.end].append(endpoint)
    host_network = {(pod.namespace, pod.owner_kind, pod.owner_name) for pod in inventory.pods if pod.host_network} | {
        (workload.namespace, workload.kind, workload.name) for workload in inventory.workloads if workload.host_network
    }
    inventory_ports = _inventory_ports(inventory)
    began = min((first for found in lives.values() for _, first, _ in found), default=0)
    started = _started(inventory, began)
    return tuple(
        replace(
            _workload(end, members[end], nodes, inventory_ports.get(_owner(end), frozenset())),
            host_network=_owner(end) in host_network,
            starts_seen=starts_seen(
                _lives(members[end], lives),
                kind=end.kind,
                began=began,
                started_by_inventory=started.get(end.namespace, frozenset()) & _pods(members[end]),
                templates=_templates(members[end]),
            ),
            partly_selected=end_key(end) in partly,
        )
        for end in sorted(members)
    )


def _owner(end: WorkloadEnd) -> tuple[str, str, str]:
    return (end.namespace, end.kind, end.name)


def _workload(
    end: WorkloadEnd,
    endpoints: list[ResolvedEndpoint],
    nodes: Mapping[int, set[str]],
    declared_ports: frozenset[tuple[str, str, int]],
) -> Workload:
    label_sets = {endpoint.row.labels for endpoint in endpoints if endpoint.row.labels.labels}
    ports = set(declared_ports)
    for labels in label_sets:
        ports |= named_ports(labels)
    return Workload(
        end=end,
        label_sets=tuple(sorted(label_sets, key=lambda labels: labels.digest)),
        pods=tuple(sorted({endpoint.row.pod for endpoint in endpoints if endpoint.row.pod})),
        nodes=tuple(sorted({node for endpoint in endpoints for node in nodes.get(endpoint.row.endpoint_id, ())})),
        named_ports=tuple(sorted(ports)),
        observed_locally=any(endpoint.row.local for endpoint in endpoints),
    )


def _pods(endpoints: Iterable[ResolvedEndpoint]) -> frozenset[str]:
    return frozenset(endpoint.row.pod for endpoint in endpoints if endpoint.row.pod)


def _started(inventory: Inventory, began: int) -> dict[str, frozenset[str]]:
    """By namespace: pods that the inventory says started after the window began."""
    found: dict[str, set[str]] = defaultdict(set)
    for pod in inventory.pods:
        if pod.started and pod.started >= began:
            found[pod.namespace].add(pod.name)
    return {namespace: frozenset(names) for namespace, names in found.items()}


def _lives(endpoints: Iterable[ResolvedEndpoint], lives: Mapping[int, list[tuple[str, int, int]]]) -> Iterable[Life]:
    for endpoint in endpoints:
        for address, first, last in lives.get(endpoint.row.endpoint_id, ()):
            yield Life(pod=endpoint.row.pod, address=address or "", first=first, last=last)


def _templates(endpoints: Iterable[ResolvedEndpoint]) -> int:
    """Distinct label sets of pods, without what every pod has for itself, no two of them ever on one pod.

    Labels that move between pods that go on running (a leader's) show no new template.
    """
    pods: dict[frozenset[tuple[str, str]], set[str]] = defaultdict(set)
    for endpoint in endpoints:
        if not endpoint.row.pod:
            continue
        labels = endpoint.row.labels.pod_labels.items()
        pods[frozenset(item for item in labels if item[0] not in _PER_POD)].add(endpoint.row.pod)
    every = [pod for found in pods.values() for pod in found]
    return len(pods) if len(every) == len(set(every)) else 1


def named_ports(labels: LabelSet) -> set[tuple[str, str, int]]:
    """Named ports from Cilium's generated label, such as `dns.UDP.53_dns-tcp.TCP.53` (hubble-quirks 27)."""
    found = set()
    for label in labels.labels:
        if label.source != "gen" or not label.key.startswith(_NAMED_PORTS_KEY):
            continue
        for item in label.value.split("_"):
            name, _, rest = item.partition(".")
            protocol, _, number = rest.partition(".")
            if name and protocol and number.isdecimal():
                found.add((name, protocol, int(number)))
    return found


def _inventory_ports(inventory: Inventory) -> dict[tuple[str, str, str], frozenset[tuple[str, str, int]]]:
    ports: dict[tuple[str, str, str], set[tuple[str, str, int]]] = defaultdict(set)
    for pod in inventory.pods:
        ports[(pod.namespace, pod.owner_kind or "Pod", pod.owner_name or pod.name)].update(pod.named_ports)
    return {owner: frozenset(found) for owner, found in ports.items()}
