"""Small workloads and edges for grouping tests."""

from __future__ import annotations

from recommender.model.edge import Edge, Evidence, Protocol, VerdictMix, Workload, WorkloadEnd
from recommender.model.inventory import Inventory
from recommender.model.labels import LabelSet

NO_INVENTORY = Inventory()

EVIDENCE = Evidence(
    connections=3,
    flows=9,
    answered=3,
    client_pods=1,
    server_pods=1,
    client_nodes=1,
    server_nodes=1,
    both_sides=1,
    first_seen=0,
    last_seen=1,
    active_hours=1,
    active_six_hours=1,
    active_days=1,
    verdicts=VerdictMix(),
    reasons=(),
)


def label_set(labels, *, namespace="shop", account="default", cluster=""):
    texts = [f"k8s:{key}={value}" for key, value in labels.items()]
    texts.append(f"k8s:io.kubernetes.pod.namespace={namespace}")
    if account:
        texts.append(f"k8s:io.cilium.k8s.policy.serviceaccount={account}")
    if cluster:
        texts.append(f"k8s:io.cilium.k8s.policy.cluster={cluster}")
    return LabelSet.parse(texts)


def workload(name, *label_dicts, kind="Deployment", namespace="shop", account="default", cluster="", **more):
    sets = tuple(label_set(one, namespace=namespace, account=account, cluster=cluster) for one in label_dicts)
    end = WorkloadEnd(cluster=cluster, namespace=namespace, kind=kind, name=name)
    return Workload(end=end, label_sets=tuple(sorted(sets, key=lambda one: one.digest)), **more)


def edge(client, server, port=80):
    return Edge(client=client.end, server=server.end, protocol=Protocol.TCP, port=port, evidence=EVIDENCE)


def group_of(groups, one):
    (found,) = [group for group in groups if one.end in group.members]
    return found


def codes(gaps):
    return sorted(gap.code for gap in gaps)
