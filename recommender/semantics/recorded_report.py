"""An earlier run's recommendation.json: the workloads it knew, and what became of the edges it saw."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.model.edge import Workload, WorkloadEnd
from recommender.model.existing import PolicyFate
from recommender.model.labels import LabelSet
from recommender.semantics.manifest_documents import ManifestDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SCHEMA_VERSION: Final = 1
_JUDGED: Final = PolicyFate.JUDGED.value
HINT: Final = "give the recommendation.json that a run of netpol-recommend wrote"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEdge:
    """One edge as that run assessed it. All text is the capture's own."""

    key: str
    client: str
    """`namespace/Kind/name`, `entity:host`, `fqdn:name` or `ip:address`, with the cluster in front of a workload."""
    server: str
    protocol: str
    port: int
    disposition: str
    reason: str
    confidence: float
    band: str
    connections: int
    active_days: int
    first_seen: str
    last_seen: str
    names: tuple[str, ...]
    server_addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedReport:
    """What of a recommendation.json serves to judge and to explain connections."""

    workloads: tuple[Workload, ...] = ()
    edges: tuple[RecordedEdge, ...] = ()
    existing: tuple[ManifestDocument, ...] = ()
    """Policies in force that the run judged beside its own, by name in `path`."""


def read_report(path: Path) -> RecordedReport:
    """Read a recommendation.json.

    Raises:
        UsageError: It cannot be read or is none.
    """
    return recorded_report(read_view(path), path)


def read_view(path: Path) -> Mapping[str, Any]:
    """The whole document of a recommendation.json, of which only the form of its outermost level is checked.

    Raises:
        UsageError: It cannot be read, is no JSON, or is of another schema version.
    """
    try:
        view = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), hint=HINT) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"is no recommendation.json: {error!r}", where=str(path), hint=HINT) from error
    if not isinstance(view, dict) or view.get("schema_version") != SCHEMA_VERSION:
        raise UsageError("is no recommendation.json of a version that can be read", where=str(path), hint=HINT)
    return view


def recorded_report(view: Mapping[str, Any], path: Path) -> RecordedReport:
    """The workloads, edges and existing policies of a document that `read_view` read from this path.

    Raises:
        UsageError: They are not what a run writes.
    """
    try:
        return RecordedReport(
            workloads=tuple(_workload(item) for item in view["workloads"]),
            edges=tuple(_edge(item) for item in view["edges"]),
            existing=tuple(
                ManifestDocument(path=str(item["name"]), cluster="", document=json.loads(item["document"]))
                for item in view.get("existing", {}).get("policies", ())
                if item["fate"] == _JUDGED and item.get("document")
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"is no recommendation.json: {error!r}", where=str(path), hint=HINT) from error


def _workload(item: Mapping[str, Any]) -> Workload:
    end = item["end"]
    return Workload(
        end=WorkloadEnd(
            cluster=str(end["cluster"]),
            namespace=str(end["namespace"]),
            kind=str(end["owner_kind"]),
            name=str(end["name"]),
        ),
        label_sets=tuple(LabelSet.parse(str(label) for label in labels) for labels in item["label_sets"]),
        pods=tuple(str(pod) for pod in item["pods"]),
        named_ports=tuple((str(p["name"]), str(p["protocol"]), int(p["port"])) for p in item["named_ports"]),
        host_network=bool(item["host_network"]),
    )


def _edge(item: Mapping[str, Any]) -> RecordedEdge:
    evidence, confidence = item["evidence"], item["confidence"]
    return RecordedEdge(
        key=str(item["key"]),
        client=str(item["client"]["text"]),
        server=str(item["server"]["text"]),
        protocol=str(item["protocol"]),
        port=int(item["port"]),
        disposition=str(item["disposition"]),
        reason=str(item["reason"]),
        confidence=float(confidence["value"]),
        band=str(confidence["band"]),
        connections=int(evidence["connections"]),
        active_days=int(evidence["active_days"]),
        first_seen=str(evidence["first_seen"]),
        last_seen=str(evidence["last_seen"]),
        names=tuple(str(name) for name in evidence["names"]),
        server_addresses=tuple(str(address) for address in evidence["server_addresses"]),
    )


def edges_between(report: RecordedReport, clients: frozenset[str], servers: frozenset[str]) -> Iterator[RecordedEdge]:
    """The recorded edges from any of these clients to any of these servers, in the report's order."""
    return (edge for edge in report.edges if edge.client in clients and edge.server in servers)
