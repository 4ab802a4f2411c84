"""A small cluster, its policies and an earlier run's report, as files."""

import json
import sys

import pytest

from recommender.cli.main import main

WEB = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress:
    # to the name servers
    - toEndpoints:
        - matchLabels: {k8s:io.kubernetes.pod.namespace: kube-system, k8s-app: kube-dns}
      toPorts:
        - ports: [{port: "53", protocol: ANY}]
          rules: {dns: [{matchPattern: "*"}]}
    # to shop/db on TCP/5432
    # connections 7, days 2
    - toEndpoints:
        - matchLabels: {app: db}
      toPorts:
        - ports:
            - port: "5432"
              protocol: TCP
    - toFQDNs: [{matchName: api.example.com}]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
  ingress:
    - fromEntities: [world]
      toPorts: [{ports: [{port: "8443", protocol: TCP}]}]
"""
DB = """\
apiVersion: v1
kind: List
items:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: db, namespace: shop, uid: "1"}
    spec:
      podSelector: {matchLabels: {app: db}}
      ingress:
        - from: [{podSelector: {matchLabels: {app: web}}}]
          ports: [{port: 5432}]
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: other, namespace: shop}
"""


def inventory_pod(name, namespace="shop", app="web", address="10.244.0.1", **spec):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app": app},
            "ownerReferences": [{"kind": "StatefulSet", "name": app, "controller": True}],
        },
        "spec": {"containers": [{"name": "c", "ports": [{"name": "sql", "containerPort": 5432}]}], **spec},
        "status": {"podIP": address, "podIPs": [{"ip": address}]},
    }


INVENTORY = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
        inventory_pod("web-0"),
        inventory_pod("web-1", address="10.244.0.2"),
        inventory_pod("db-0", app="db", address="10.244.0.3"),
        inventory_pod("lone-0", app="lone", address="10.244.0.4"),
    ],
}


def _end(name):
    text = f"shop/StatefulSet/{name}"
    return {
        "kind": "workload", "text": text, "name": name, "namespace": "shop", "cluster": "", "owner_kind": "StatefulSet"
    }  # fmt: skip


def _workload(name):
    labels = [f"k8s:app={name}", "k8s:io.kubernetes.pod.namespace=shop"]
    return {"end": _end(name), "label_sets": [labels], "pods": [f"{name}-0"], "named_ports": [], "host_network": False}


REPORT = {
    "schema_version": 1,
    "workloads": [_workload("web"), _workload("db")],
    "edges": [
        {
            "key": "shop/StatefulSet/web -> shop/StatefulSet/db TCP/5432",
            "client": _end("web"),
            "server": _end("db"),
            "protocol": "TCP",
            "port": 5432,
            "disposition": "review",
            "reason": "seen on one day \u202eonly",
            "confidence": {"value": 0.81, "band": "medium"},
            "evidence": {
                "connections": 7,
                "active_days": 2,
                "first_seen": "2026-03-10T00:00:00Z",
                "last_seen": "2026-03-11T00:00:00Z",
                "names": [],
                "server_addresses": [],
            },
        }
    ],
}


@pytest.fixture
def cluster(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "web.yaml").write_text(WEB, encoding="utf-8")
    (tmp_path / "policies" / "db.yml").write_text(DB, encoding="utf-8")
    (tmp_path / "inventory.json").write_text(json.dumps(INVENTORY), encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(cluster, monkeypatch, capsys):
    monkeypatch.chdir(cluster)

    def ask(*arguments):
        monkeypatch.setattr(sys, "argv", ["netpol-recommend", *map(str, arguments)])
        with pytest.raises(SystemExit) as ending:
            main()
        out, err = capsys.readouterr()
        return ending.value.code, out, err

    return ask
