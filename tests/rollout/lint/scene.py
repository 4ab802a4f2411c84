"""Manifests as text, examined with or without a described cluster."""

import json

import yaml

from recommender.model.cni import Cni
from recommender.model.cni_plugins import plugin_named
from recommender.rollout.lint.examine import findings_of_lint, manifest_set
from recommender.rollout.policy_side import read_side


def cilium(spec, name="p", namespace="shop", kind="CiliumNetworkPolicy"):
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": "cilium.io/v2", "kind": kind, "metadata": metadata, "spec": spec}


def clusterwide(spec, name="p"):
    return cilium(spec, name, "", "CiliumClusterwideNetworkPolicy")


def kubernetes(spec, name="p", namespace="shop"):
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def calico(kind="NetworkPolicy", **spec):
    metadata = {"name": "p"} if kind.startswith("Global") else {"name": "p", "namespace": "shop"}
    wanted = {"selector": "app == 'db'", **spec}
    return {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": metadata, "spec": wanted}


def cluster_network_policy(subject, action):
    spec = {
        "tier": "Baseline",
        "priority": 10,
        "subject": subject,
        "ingress": [{"action": action, "from": [{"namespaces": {}}]}],
    }
    metadata = {"name": "p"}
    version = "policy.networking.k8s.io/v1alpha2"
    return {"apiVersion": version, "kind": "ClusterNetworkPolicy", "metadata": metadata, "spec": spec}


def service(name, selector, *ports, address="10.96.0.1", namespace="shop"):
    listed = [{"port": port, "targetPort": target, "protocol": "TCP"} for port, target in ports]
    spec = {"selector": selector, "ports": listed, "clusterIP": address, "clusterIPs": [address]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def pod(name, *, namespace="shop", address="10.244.0.9", ports=(), **labels):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name, "namespace": namespace, "labels": labels or {"app": name},
            "ownerReferences": [{"kind": "StatefulSet", "name": name, "controller": True}],
        },
        "spec": {"containers": [{"name": "c", "ports": [{"name": n, "containerPort": p} for n, p in ports]}]},
        "status": {"podIP": address, "podIPs": [{"ip": address}]},
    }  # fmt: skip


def namespace(name, **labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def examined(tmp_path, *documents, inventory=(), cni=""):
    """The findings as (code, subject, severity, line)."""
    (tmp_path / "k8s").mkdir(exist_ok=True)
    text = documents[0] if isinstance(documents[0], str) else yaml.safe_dump_all(documents)
    (tmp_path / "k8s" / "all.yaml").write_text(text, encoding="utf-8")
    files = []
    if inventory:
        files = [tmp_path / "inventory.json"]
        files[0].write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(inventory)}))
    name, _, version = cni.partition("@")
    plugin = Cni(plugin=plugin_named(name), version=version) if cni else None
    found = findings_of_lint(manifest_set(read_side(tmp_path / "k8s"), inventory=files, cni=plugin))
    return [(placed.gap.code, placed.gap.subject, placed.gap.severity.value, placed.line) for placed in found.placed]


def codes(*arguments, **options):
    return [item[0] for item in examined(*arguments, **options)]
