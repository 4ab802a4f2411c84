"""Edges, workloads and manifests for the replay, and one way to run it."""

import yaml

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Edge, Evidence, FqdnEnd, Protocol, VerdictMix, Workload, WorkloadEnd
from recommender.model.inventory import Inventory
from recommender.model.labels import LabelSet
from recommender.model.manifest import Manifest
from recommender.semantics import replay
from tests.semantics.samples import app, cnp, to_port


def end(name, *, namespace="shop", cluster=""):
    return WorkloadEnd(cluster=cluster, namespace=namespace, kind="Deployment", name=name)


def label_set(name, *, namespace="shop", extra=(), cluster="default"):
    return LabelSet.parse(
        [
            f"k8s:app={name}",
            f"k8s:io.kubernetes.pod.namespace={namespace}",
            f"k8s:io.cilium.k8s.policy.cluster={cluster}",
            "k8s:io.cilium.k8s.policy.serviceaccount=robot",
            *extra,
        ]
    )


def workload(name, *label_sets, **other):
    return Workload(end=end(name), label_sets=label_sets or (label_set(name),), **other)


def edge(client, server, *, port=80, protocol=Protocol.TCP, names=(), clients=(), servers=()):
    evidence = Evidence(
        connections=1,
        flows=1,
        answered=1,
        client_pods=1,
        server_pods=1,
        client_nodes=1,
        server_nodes=1,
        both_sides=1,
        first_seen=0,
        last_seen=0,
        active_hours=1,
        active_six_hours=1,
        active_days=1,
        verdicts=VerdictMix(),
        reasons=(),
        names=names,
        client_addresses=clients,
        server_addresses=servers,
    )
    return Edge(client=client, server=server, protocol=protocol, port=port, evidence=evidence)


WEB, DB = end("web"), end("db")
WORKLOADS = (workload("web"), workload("db"))
WEB_TO_DB = edge(WEB, DB, port=5432)
OPEN = cnp("db", endpointSelector=app("db"), ingress=[{"fromEndpoints": [app("web")], "toPorts": to_port("5432")}])
CLOSED = cnp("db", endpointSelector=app("db"), ingress=[{"fromEndpoints": [app("job")]}])


def manifests(*documents):
    return [
        Manifest(path=f"policies/{n}.yaml", policy="p", text=yaml.safe_dump(doc)) for n, doc in enumerate(documents)
    ]


def proof(edges, *documents, disposition=Disposition.NEEDED, workloads=WORKLOADS, inventory=None, **options):
    decided = {item.edge_id: Decided(disposition=disposition, reason="told so") for item in edges}
    return replay(
        edges,
        decided,
        workloads=workloads,
        manifests=manifests(*documents),
        inventory=inventory or Inventory(),
        **options,
    )


API = edge(WEB, FqdnEnd(name="api.example.com"), port=443, servers=("203.0.113.5", "203.0.113.6"))
TO_API = {"toFQDNs": [{"matchName": "api.example.com"}], "toPorts": to_port("443")}
DNS = {"toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": [{"matchPattern": "*"}]}}]}
