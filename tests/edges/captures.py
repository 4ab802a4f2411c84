"""Small captures made by hand: endpoints and flows as tables, in the stored schema."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from recommender.edges import observe
from recommender.model.flow_schema import (
    ENDPOINT_SCHEMA,
    EVENT_SCHEMA,
    FLOW_SCHEMA,
    LABEL_SET_SCHEMA,
    REJECT_SCHEMA,
    TCP_FLAG_BITS,
)
from recommender.model.inventory import Inventory

if TYPE_CHECKING:
    from recommender.model.observation import Observation

START_NS = 1_767_225_600_000_000_000  # 2026-01-01T00:00:00Z
MINUTE_NS = 60_000_000_000


def identifier(*parts: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest())


@dataclass
class HandMadeCapture:
    """Collects rows; every method returns what later calls refer to."""

    flows: list[dict[str, Any]] = field(default_factory=list)
    endpoints: dict[int, dict[str, Any]] = field(default_factory=dict)
    label_sets: dict[int, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def endpoint(
        self, *, labels=(), local=False, identity=0, namespace=None, pod=None, workload=None, cluster=None
    ) -> int:
        label_set = identifier(tuple(sorted(labels))) if labels else None
        if label_set is not None:
            self.label_sets[label_set] = {"label_set_id": label_set, "labels": sorted(labels)}
        row = {
            "local": local,
            "identity": identity,
            "cluster": cluster,
            "namespace": namespace,
            "pod": pod,
            "workload_kind": workload[0] if workload else None,
            "workload_name": workload[1] if workload else None,
            "label_set_id": label_set,
        }
        number = identifier(tuple(row.items()))
        self.endpoints[number] = {"endpoint_id": number, **row}
        return number

    def pod(self, name, *, namespace="shop", local=False, workload=None, labels=None, cluster=None) -> int:
        app = name.split("-")[0]
        texts = [f"k8s:{key}={value}" for key, value in (labels or {"app": app}).items()]
        texts.append(f"k8s:io.kubernetes.pod.namespace={namespace}")
        owner = ("Deployment", app) if workload is None else workload
        return self.endpoint(
            labels=texts,
            local=local,
            identity=1000,
            namespace=namespace,
            pod=name,
            workload=owner or None,
            cluster=cluster,
        )

    def entity(self, *names, identity=0, local=False, labels=()) -> int:
        return self.endpoint(labels=[*(f"reserved:{name}" for name in names), *labels], identity=identity, local=local)

    def flow(self, source, destination, *, at=0, flags=(), node="node-a", protocol="TCP", **columns: Any) -> None:
        row: dict[str, Any] = dict.fromkeys(FLOW_SCHEMA.names)
        defaults = {
            "uuid": f"uuid-{len(self.flows):05d}",
            "time": START_NS + at,
            "node": node,
            "type": "L3_L4",
            "event_type": 4,
            "event_sub_type": 0,
            "verdict": "FORWARDED",
            "protocol": protocol,
            "source_endpoint": source,
            "destination_endpoint": destination,
            "events": 1,
        }
        if flags:
            defaults["tcp_flags"] = sum(TCP_FLAG_BITS[flag] for flag in flags)
        row |= defaults | columns
        row["event_id"] = identifier(len(self.flows))
        self.flows.append(row)

    def connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        tables = {
            "flows": (self.flows, FLOW_SCHEMA),
            "endpoints": (list(self.endpoints.values()), ENDPOINT_SCHEMA),
            "label_sets": (list(self.label_sets.values()), LABEL_SET_SCHEMA),
            "events": (self.events, EVENT_SCHEMA),
            "rejects": ([], REJECT_SCHEMA),
        }
        for name, (rows, schema) in tables.items():
            connection.register(name, pa.Table.from_pylist(rows, schema=schema))
        connection.execute("CREATE VIEW comparable_flows AS SELECT * FROM flows")
        return connection

    def observe(self, inventory: Inventory | None = None) -> Observation:
        with self.connect() as connection:
            return observe(connection, inventory=inventory or Inventory())


def keys(observation: Observation) -> list[str]:
    return [edge.key for edge in observation.edges]
