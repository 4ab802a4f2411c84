"""Two sets of policies over a few workloads, compared without files."""

from recommender.model.edge import Workload, WorkloadEnd
from recommender.model.inventory import Inventory
from recommender.model.labels import LabelSet
from recommender.rollout.diff.compare import Comparison
from recommender.rollout.diff.recorded_pairs import RecordedPairs
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.manifest_documents import ManifestDocument
from recommender.semantics.recorded_report import RecordedEdge
from recommender.semantics.scene import scene_of_report
from recommender.semantics.settings import SemanticsSettings


def workload(name, *label_sets, namespace="shop"):
    sets = label_sets or ({"app": name},)
    return Workload(
        end=WorkloadEnd(namespace=namespace, kind="Deployment", name=name),
        label_sets=tuple(
            LabelSet.parse([*(f"k8s:{k}={v}" for k, v in one.items()), f"k8s:io.kubernetes.pod.namespace={namespace}"])
            for one in sets
        ),
    )


def recorded(client, server, port, *, protocol="TCP", disposition="needed", names=(), addresses=()):
    return RecordedEdge(
        key=f"{client} -> {server} {protocol}/{port}",
        client=client,
        server=server,
        protocol=protocol,
        port=port,
        disposition=disposition,
        reason="",
        confidence=0.9,
        band="high",
        connections=7,
        active_days=2,
        first_seen="2026-03-10T00:00:00Z",
        last_seen="2026-03-11T00:00:00Z",
        names=names,
        server_addresses=addresses,
    )


def comparison(old, new, workloads=None):
    scene = scene_of_report(workloads or [workload("web"), workload("db")])
    before, after = (
        policies_by_cluster(
            [ManifestDocument(path="p", cluster="", document=document) for document in documents],
            scene.workloads,
            Inventory(),
            SemanticsSettings(),
        )
        for documents in (old, new)
    )
    return Comparison.of(before, after, scene)


def changes(old, new, *, workloads=None, edges=()):
    """The connection changes by (source, destination), workloads by their bare name."""
    found = comparison(old, new, workloads).connections(RecordedPairs.of(edges))
    return {(_short(change.source), _short(change.destination)): change for change in found}


def _short(name):
    return name.rpartition("/")[2] if name.startswith("shop/") else name
