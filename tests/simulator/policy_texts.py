"""The texts of the policies that exist already, such that they say what the verdicts of the capture say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator.conversations import DNS, every_conversation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.cluster import Cluster, Conversation, Policy, Workload

NAMESPACE = "k8s:io.kubernetes.pod.namespace"
SERVICE_ACCOUNT = "io.cilium.k8s.policy.serviceaccount"


def policy_specs(cluster: Cluster, policy: Policy) -> list[dict[str, Any]]:
    """One spec a workload that the policy governs; none if nothing in the cluster is allowed or denied by it."""
    workloads = {workload.key: workload for workload in cluster.workloads}
    found: dict[str, dict[str, Any]] = {}
    for key, section, rule in _rules(cluster, policy, workloads):
        wide = policy.kind == "CiliumClusterwideNetworkPolicy"
        selector = labels_of(workloads[key], with_namespace=wide)
        spec = found.setdefault(key, {"endpointSelector": {"matchLabels": selector}})
        rules = spec.setdefault(section, [])
        if rule not in rules:
            rules.append(rule)
    return [found[key] for key in sorted(found)]


def _rules(
    cluster: Cluster, policy: Policy, workloads: dict[str, Workload]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The workload that a rule governs, the section that it stands in, and the rule."""
    for item in every_conversation(cluster):
        if policy.name == item.egress_policy:
            yield item.client, "egress", _egress(cluster, item, workloads)
        if policy.name == item.ingress_policy:
            peer = {"matchLabels": labels_of(workloads[item.client])}
            yield item.server, "ingress", {"fromEndpoints": [peer], "toPorts": [{"ports": _ports(item)}]}
    for call in cluster.noise.denied:
        if policy.name == call.policy:
            peer = {"matchLabels": labels_of(workloads[call.server])}
            ports = [{"port": str(call.port), "protocol": "TCP"}]
            yield call.client, "egressDeny", {"toEndpoints": [peer], "toPorts": [{"ports": ports}]}
    yield from policy.unused


def _egress(cluster: Cluster, item: Conversation, workloads: dict[str, Workload]) -> dict[str, Any]:
    if item.server == DNS:
        ports: dict[str, Any] = {"ports": [{"port": "53", "protocol": "ANY"}]}
        ports["rules"] = {"dns": [{"matchPattern": "*"}]}
        return {"toEndpoints": [{"matchLabels": labels_of(workloads[DNS])}], "toPorts": [ports]}
    to_ports = [{"ports": _ports(item)}]
    if item.server in workloads:
        return {"toEndpoints": [{"matchLabels": labels_of(workloads[item.server])}], "toPorts": to_ports}
    [external] = [one for one in cluster.externals if one.name == item.server.removeprefix("fqdn:")]
    return {"toCIDR": [f"{address}/32" for address in external.addresses], "toPorts": to_ports}


def _ports(item: Conversation) -> list[dict[str, str]]:
    return [{"port": str(item.port), "protocol": item.protocol}]


def labels_of(workload: Workload, *, with_namespace: bool = True) -> dict[str, str]:
    """Labels that name a workload's pods, whatever a rollout changes; its service account if it has no other."""
    volatile = {"version", workload.rollout.label if workload.rollout else ""}
    labels = {key: value for key, value in sorted(workload.labels) if key not in volatile}
    labels = labels or {SERVICE_ACCOUNT: workload.service_account}
    return {**labels, NAMESPACE: workload.namespace} if with_namespace else labels
