"""A few flows as Hubble exports them, and a cluster's policies for them."""

import json
from datetime import UTC, datetime, timedelta

NAMESPACE = "io.kubernetes.pod.namespace"


def flow(second, source, destination, port, *, verdict="FORWARDED", flags=None, **more):
    """An opening of a TCP connection from pod to pod, named after their apps, seen by the server's node."""
    time = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(seconds=second)
    tcp = {"source_port": 40000 + second % 20000, "destination_port": port, "flags": flags or {"SYN": True}}
    return {
        "flow": {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uuid": f"{second:08d}-0000-4000-8000-{port:012d}",
            "verdict": verdict,
            "IP": {"source": _address(source), "destination": _address(destination), "ipVersion": "IPv4"},
            "l4": {"TCP": tcp},
            "source": _end(source),
            "destination": _end(destination),
            "Type": "L3_L4",
            "node_name": "demo/node-1",
            "event_type": {"type": 5},
            "traffic_direction": "INGRESS",
            "is_reply": False,
            "Summary": "TCP Flags: SYN",
            **more,
        },
        "node_name": "demo/node-1",
        "time": "2026-03-10T00:00:00Z",
    }  # fmt: skip


def _address(name):
    return f"10.244.0.{sum(name.encode()) % 200 + 2}"


def _end(name):
    return {
        "ID": sum(name.encode()),
        "identity": 1000 + sum(name.encode()),
        "cluster_name": "default",
        "namespace": "shop",
        "labels": [f"k8s:app={name}", f"k8s:{NAMESPACE}=shop"],
        "pod_name": f"{name}-5d9f8c7b6d-x2x4k",
        "workloads": [{"name": name, "kind": "Deployment"}],
    }


def regular(source, destination, port, **more):
    """The same connection every two hours for three days."""
    return [flow(second, source, destination, port, **more) for second in range(600, 3 * 86400, 7200)]


def write(path, flows):
    ordered = sorted(flows, key=lambda item: item["flow"]["time"])
    path.write_text("".join(json.dumps(item) + "\n" for item in ordered), encoding="utf-8")
    return path


def network_policy(name, app, sources):
    """Ingress to an app: (client app, port) pairs."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "podSelector": {"matchLabels": {"app": app}},
            "policyTypes": ["Ingress"],
            "ingress": [
                {"from": [{"podSelector": {"matchLabels": {"app": client}}}], "ports": [{"port": port}]}
                for client, port in sources
            ],
        },
    }
