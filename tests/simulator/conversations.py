"""What follows from a description: implied conversations, service addresses, moving names, policies as JSON."""

from __future__ import annotations

from math import cos, pi
from typing import TYPE_CHECKING

from tests.simulator.cluster import Conversation, TrafficClass
from tests.simulator.records import DAY, HOUR, SECOND, compact

if TYPE_CHECKING:
    from tests.simulator.cluster import Cluster, ExternalName, Policy, Service

DNS = "kube-system/coredns"
DNS_POLICY = "dns-visibility"


def every_conversation(cluster: Cluster) -> tuple[Conversation, ...]:
    """The described conversations and those that follow from the workloads: lookups and kubelet probes."""
    found = list(cluster.conversations)
    for workload in cluster.workloads:
        if workload.dns_per_hour > 0:
            protocols = ("UDP", "TCP") if workload.dns_over_tcp else ("UDP",)
            found += [
                Conversation(
                    client=workload.key,
                    server=DNS,
                    port=53,
                    protocol=protocol,
                    per_hour=workload.dns_per_hour * (1.0 if protocol == "UDP" else 0.3),
                    traffic=TrafficClass.DNS,
                    egress_policy=DNS_POLICY if workload.dns_proxy else "",
                )
                for protocol in protocols
            ]
        if workload.probe_port:
            found.append(
                Conversation(
                    client="kubelet",
                    server=workload.key,
                    port=workload.probe_port,
                    per_hour=0.3,
                    traffic=TrafficClass.PROBE,
                )
            )
    return tuple(found)


def day_shape(time: int) -> float:
    """How busy an hour is: quiet at night, busiest at 14:00, weekends at a third; the mean of a weekday is one."""
    hour = time % DAY / HOUR
    weekend = ((time // DAY) + 4) % 7 in {0, 6}
    return (1.0 - 0.85 * cos(2 * pi * (hour - 2) / 24)) * (0.33 if weekend else 1.0)


def address_at(external: ExternalName, time: int) -> str:
    """Where a name points at a moment."""
    return external.addresses[time // (external.ttl * 12 * SECOND) % len(external.addresses)]


def service_addresses(cluster: Cluster) -> dict[Service, str]:
    """Cluster addresses by service; headless ones have none."""
    names = sorted({(item.namespace, item.name) for item in cluster.services})
    found = {}
    for service in cluster.services:
        index = names.index((service.namespace, service.name))
        if service.name == "kube-dns":
            found[service] = "10.96.0.10"
        elif not service.headless:
            found[service] = f"10.96.{index // 200 + 1}.{index % 200 + 20}"
    return found


def policy_json(policy: Policy, key: str) -> str:
    """An `*_allowed_by` or `*_denied_by` field."""
    labels = [
        f"k8s:io.cilium.k8s.policy.derived-from={policy.kind}",
        f"k8s:io.cilium.k8s.policy.name={policy.name}",
        f"k8s:io.cilium.k8s.policy.namespace={policy.namespace}",
    ]
    if policy.kind == "CiliumClusterwideNetworkPolicy":
        labels.pop()
    entry = {"name": policy.name, "namespace": policy.namespace, "labels": labels, "revision": "7", "kind": policy.kind}
    if policy.kind == "CiliumClusterwideNetworkPolicy":
        del entry["namespace"]
    return f'"{key}":{compact([entry])}'
