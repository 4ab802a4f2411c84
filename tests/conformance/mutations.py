"""`python -m tests.conformance.mutations --schemas PROGRAM --keep FILE`: what schemas say of damage.

Small policies of every kind with a CustomResourceDefinition, each damaged in one place: a field taken away, misspelt,
of another type, out of its bounds. The kept answers stand in for the schemas where there is no Go.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conformance.crds import crd_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHOP = {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}
_WEB = {"matchLabels": {"app": "web"}}
_CILIUM = {
    "endpointSelector": {"matchLabels": {"k8s:app": "web"}},
    "enableDefaultDeny": {"ingress": True, "egress": True},
    "ingress": [
        {
            "fromEndpoints": [
                {
                    "matchLabels": {"k8s:app": "db"},
                    "matchExpressions": [{"key": "k8s:tier", "operator": "In", "values": ["a", "b"]}],
                }
            ],
            "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}],
        },
        {"fromEntities": ["remote-node"], "icmps": [{"fields": [{"family": "IPv4", "type": 8}]}]},
    ],
    "egress": [
        {"toFQDNs": [{"matchName": "api.example.com"}], "toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}]}]},
        {
            "toEndpoints": [{"matchLabels": {"k8s:k8s-app": "kube-dns"}}],
            "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": [{"matchPattern": "*"}]}}],
        },
        {"toCIDR": ["203.0.113.0/24"]},
    ],
}
_CALICO = {
    "order": 1000,
    "selector": "app == 'web'",
    "types": ["Ingress", "Egress"],
    "ingress": [
        {
            "action": "Allow",
            "protocol": "TCP",
            "source": {"selector": "app == 'db'", "namespaceSelector": "all()"},
            "destination": {"ports": [80, "90:99"]},
        }
    ],
    "egress": [
        {"action": "Deny", "protocol": "ICMP", "icmp": {"type": 8}, "destination": {"nets": ["203.0.113.0/24"]}},
        {"action": "Allow", "destination": {"serviceAccounts": {"names": ["robot"]}}},
    ],
}
_CLUSTER = {
    "tier": "Baseline",
    "priority": 500,
    "subject": {"pods": {"namespaceSelector": _SHOP, "podSelector": _WEB}},
    "ingress": [
        {
            "name": "one",
            "action": "Accept",
            "from": [{"pods": {"namespaceSelector": _SHOP, "podSelector": _WEB}}],
            "protocols": [{"tcp": {"destinationPort": {"number": 80}}}],
        },
        {"action": "Deny", "from": [{"namespaces": {}}]},
    ],
    "egress": [
        {
            "action": "Accept",
            "to": [{"networks": ["203.0.113.0/24"]}],
            "protocols": [{"udp": {"destinationPort": {"range": {"start": 10, "end": 20}}}}],
        },
        {"action": "Deny", "to": [{"namespaces": {}}, {"networks": ["0.0.0.0/0", "::/0"]}]},
    ],
}


def _object(version: str, kind: str, spec: dict[str, Any], *, namespaced: bool) -> dict[str, Any]:
    metadata = {"name": "web", **({"namespace": "shop"} if namespaced else {}), "labels": {"a": "b"}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


WHOLE = (
    _object("cilium.io/v2", "CiliumNetworkPolicy", _CILIUM, namespaced=True),
    _object("cilium.io/v2", "CiliumClusterwideNetworkPolicy", _CILIUM, namespaced=False),
    _object("projectcalico.org/v3", "NetworkPolicy", _CALICO, namespaced=True),
    _object(
        "projectcalico.org/v3", "GlobalNetworkPolicy", {**_CALICO, "namespaceSelector": "has(x)"}, namespaced=False
    ),
    _object("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", _CLUSTER, namespaced=False),
)


def damaged(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The document as it is, then damaged in each place in each way, with what was done."""
    yield "whole", document
    for path in _paths(document["metadata"], ("metadata",)):
        yield from _damages(document, path)
    for path in _paths(document["spec"], ("spec",)):
        yield from _damages(document, path)


def _paths(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from _paths(inner, (*path, step))


def _damages(document: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    where = ".".join(map(str, path))
    value = _at(document, path)
    for name, other in _others(value):
        if json.dumps(other) == json.dumps(value):
            continue
        changed = copy.deepcopy(document)
        _at(changed, path[:-1])[path[-1]] = other
        yield f"{where}: {name}", changed
    if isinstance(path[-1], str):
        gone, misspelt = copy.deepcopy(document), copy.deepcopy(document)
        del _at(gone, path[:-1])[path[-1]]
        yield f"{where}: taken away", gone
        around = _at(misspelt, path[:-1])
        around[f"{path[-1]}X"] = around.pop(path[-1])
        yield f"{where}: misspelt", misspelt


def _others(value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case bool():
            yield from (("text", "true"), ("number", 1))
        case int():
            yield from (("text", str(value)), ("negative", -1), ("too large", 70_000), ("zero", 0))
        case str():
            yield from (("number", 7), ("empty", ""), ("nonsense", "?!"), ("list", [value]))
        case list():
            yield from (("empty", []), ("mapping", {}), ("41 times", value[:1] * 41))
        case dict():
            yield from (("empty", {}), ("list", [value]), ("text", "x"))


def _at(document: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        document = document[step]
    return document


def manifests() -> list[dict[str, str]]:
    """Every one, whole and damaged, as the program reads them."""
    return [
        {"name": f"{document['kind']} {name}", "text": json.dumps(other)}
        for document in WHOLE
        for name, other in damaged(document)
    ]


def main(arguments: Sequence[str]) -> int:
    """Ask and keep the answers."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.mutations", description=__doc__)
    parser.add_argument("--schemas", type=Path, required=True)
    parser.add_argument("--go", default="go")
    parser.add_argument("--keep", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    asked = manifests()
    questions = "".join(json.dumps(one) + "\n" for one in asked)
    answers = subprocess.run(
        [chosen.schemas, *crd_files(chosen.go)], input=questions.encode(), stdout=subprocess.PIPE, check=True
    ).stdout.splitlines()
    lines = [
        json.dumps({**question, "errors": json.loads(answer)["errors"]}) + "\n"
        for question, answer in zip(asked, answers, strict=True)
    ]
    chosen.keep.write_bytes(gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0))
    refused = sum(bool(json.loads(line)["errors"]) for line in lines)
    sys.stdout.write(f"{len(lines)} manifests, {refused} refused\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
