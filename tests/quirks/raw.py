"""Hubble's JSON lines made by hand, and what becomes of them; every look checks that no flow was lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb

from recommender import Settings, recommend
from recommender.edges import observe
from recommender.ingest import decode, expand_sources
from recommender.model.capture import FlowClass
from recommender.model.inventory import Inventory
from recommender.model.manifest import Dialect
from recommender.model.selection import Selection
from recommender.store import open_dataset, write_flows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from recommender import Recommendation
    from recommender.model.observation import Observation
    from tests.edges.captures import HandMadeCapture

WEB_IP, DB_IP, DNS_IP, NODE_A, NODE_B = "10.244.0.1", "10.244.1.2", "10.244.1.53", "172.18.0.3", "172.18.0.4"
OUTSIDE = "203.0.113.10"


def pod(name: str = "web", *, namespace: str = "shop", local: bool = False, labels=(), **fields: Any) -> dict[str, Any]:
    """An endpoint as Hubble prints it; the remote ones carry no workload (quirk 24)."""
    endpoint = {
        "identity": 1000 + sum(name.encode()),
        "namespace": namespace,
        "labels": [f"k8s:app={name}", f"k8s:io.kubernetes.pod.namespace={namespace}", *labels],
        "pod_name": f"{name}-7d4b9c6f5d-x2x4z",
    }
    if local:
        endpoint |= {"ID": 42, "workloads": [{"name": name, "kind": "Deployment"}]}
    return endpoint | fields


def entity(*names: str, identity: int = 0) -> dict[str, Any]:
    return {"identity": identity, "labels": [f"reserved:{name}" for name in names]}


def record(
    source: dict[str, Any] | None,
    source_address: str,
    destination: dict[str, Any] | None,
    destination_address: str,
    *flags: str,
    protocol: str = "TCP",
    at: float = 0.0,
    node: str = "node-a",
    **flow: Any,
) -> dict[str, Any]:
    """One line; addresses are `ip:port`, without a port for ICMP."""
    (source_ip, source_port), (destination_ip, destination_port) = map(_split, (source_address, destination_address))
    layer: dict[str, Any] = {"source_port": source_port, "destination_port": destination_port}
    if flags:
        layer["flags"] = dict.fromkeys(flags, True)
    minutes, seconds = divmod(at, 60)
    hours, minutes = divmod(int(minutes), 60)
    days, hours = divmod(hours, 24)
    time = f"2026-01-{days + 1:02d}T{hours:02d}:{minutes:02d}:{seconds:012.9f}Z"
    message = {
        "time": time,
        "verdict": "FORWARDED",
        "IP": {"source": source_ip, "destination": destination_ip, "ipVersion": "IPv4"},
        "l4": {protocol: {key: value for key, value in layer.items() if value}},
        "source": source,
        "destination": destination,
        "Type": "L3_L4",
        "node_name": node,
        "event_type": {"type": 4},
    }
    message = {key: value for key, value in (message | flow).items() if value is not None}
    return {"flow": message, "node_name": message.get("node_name", ""), "time": time}


def _split(address: str) -> tuple[str, int]:
    ip, colon, port = address.rpartition(":")
    return (ip, int(port)) if colon else (port, 0)


def reply(to: dict[str, Any], *flags: str, at: float = 0.001, **flow: Any) -> dict[str, Any]:
    """The record with its ends exchanged, as the answer to it."""
    first = to["flow"]
    [(protocol, layer)] = first["l4"].items()
    source = f"{first['IP']['destination']}:{layer.get('destination_port', 0)}"
    destination = f"{first['IP']['source']}:{layer.get('source_port', 0)}"
    ends = first.get("destination"), source, first.get("source"), destination
    return record(*ends, *flags, protocol=protocol, at=at, node=first["node_name"], **({"is_reply": True} | flow))


def write(directory: Path, records: Iterable[dict[str, Any] | str]) -> Path:
    path = directory / "flows.jsonl"
    lines = (line if isinstance(line, str) else json.dumps(line) for line in records)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def observed(
    directory: Path, records: Iterable[dict[str, Any] | str], *, inventory: Inventory | None = None
) -> Observation:
    """Decode, store and reduce the lines."""
    dataset = directory / "flows.parquet"
    batches = decode(expand_sources([str(write(directory, records))]))
    write_flows(batches, dataset, selection=Selection(), single_file=True)
    with duckdb.connect() as connection:
        open_dataset(dataset).register(connection, Selection())
        return conserved(observe(connection, inventory=inventory or Inventory()))


def recommended(
    directory: Path, records: Iterable[dict[str, Any] | str], *, dialect: Dialect = Dialect.CILIUM
) -> Recommendation:
    """The whole way, from the lines to manifests and gaps."""
    result = recommend(write(directory, records), Settings(dialect=dialect))
    assert result.proof.holds
    return result


def seen(capture: HandMadeCapture, inventory: Inventory | None = None) -> Observation:
    """The reduction of a hand-made capture."""
    return conserved(capture.observe(inventory))


def conserved(observation: Observation) -> Observation:
    """Each flow is in exactly one class, and each flow of class workload behind exactly one edge."""
    counts = classes(observation)
    assert sum(counts.values()) == observation.capture.flows
    assert sum(edge.evidence.flows for edge in observation.edges) >= counts.get(FlowClass.WORKLOAD, 0)
    assert all(edge.port or not edge.protocol.has_ports for edge in observation.edges)
    return observation


def classes(observation: Observation) -> dict[FlowClass, int]:
    return {item.flow_class: item.flows for item in observation.capture.classes if item.flows}


def texts(result: Recommendation) -> str:
    """All manifests as one text."""
    return "\n---\n".join(manifest.text for manifest in result.manifests)


def codes(result: Recommendation) -> set[str]:
    return {gap.code for gap in result.gaps}
