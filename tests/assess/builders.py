"""Tiny hand-made evidence: a week of shop traffic unless a test says otherwise."""

from dataclasses import replace

from recommender.assess import decide
from recommender.model.capture import Capture, NodeCoverage
from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import (
    AddressEnd,
    Edge,
    EntityEnd,
    Evidence,
    OrientationReason,
    Protocol,
    VerdictMix,
    Workload,
    WorkloadEnd,
)
from recommender.model.entity import Entity
from recommender.model.inventory import Inventory
from recommender.model.labels import LabelSet

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
START = 1_760_918_400 * SECOND
"""Monday 2025-10-20 00:00 UTC."""

NEEDED, REVIEW = Disposition.NEEDED, Disposition.REVIEW
QUARANTINED, IMPLICIT, EXCLUDED = Disposition.QUARANTINED, Disposition.IMPLICIT, Disposition.EXCLUDED


def end(name, kind="Deployment", namespace="shop", cluster=""):
    return WorkloadEnd(cluster=cluster, namespace=namespace, kind=kind, name=name)


WEB, DB, API = end("web"), end("db", "StatefulSet"), end("api")
WORLD = EntityEnd(entity=Entity.WORLD)
HOST = EntityEnd(entity=Entity.HOST)
OUTSIDE = AddressEnd(address="192.0.2.10")


def evidence(**parts):
    """A regular, answered need, unless the parts say otherwise; `at` moves a sighting of one hour."""
    at = parts.pop("at", None)
    if at is not None:
        parts = {"first_seen": START + at, "last_seen": START + at + SECOND, "active_hours": 1} | parts
        parts = {"active_six_hours": 1, "active_days": 1} | parts
    connections = parts.get("connections", 100)
    base = {
        "connections": connections,
        "flows": 10 * connections,
        "answered": connections,
        "client_pods": 1,
        "server_pods": 1,
        "client_nodes": 1,
        "server_nodes": 1,
        "both_sides": connections,
        "first_seen": START + HOUR,
        "last_seen": START + 7 * DAY - HOUR,
        "active_hours": 100,
        "active_six_hours": 28,
        "active_days": 7,
        "verdicts": VerdictMix(audited=connections),
        "reasons": ((OrientationReason.TCP_FLAGS, connections),),
    }
    return Evidence(**(base | parts))


def edge(client=WEB, server=DB, port=5432, protocol=Protocol.TCP, **parts):
    return Edge(client=client, server=server, protocol=protocol, port=port, evidence=evidence(**parts))


def once(client=WEB, server=DB, port=5432, at=5 * DAY, **parts):
    """One answered connection."""
    return edge(client, server, port, at=at, **({"connections": 1} | parts))


def capture(days=7.0, **parts):
    base = {
        "first_seen": START,
        "last_seen": START + int(days * DAY),
        "flows": 10_000,
        "verdict_flows": 100,
        "trace_flows": 9_000,
        "reply_flows": 4_000,
        "dns_answers": 10,
        "nodes": (node("node-a", active_hours=round(days * 24) + 1),),
    }
    return Capture(**(base | parts))


def node(name, **parts):
    base = {"flows": 10_000, "first_seen": START, "last_seen": START + 7 * DAY, "active_hours": 169}
    return NodeCoverage(node=name, **(base | parts))


def workload(of, *labels, **parts):
    return Workload(end=of, label_sets=(LabelSet.parse(labels),) if labels else (), **parts)


def decisions(edges, *, workloads=(), window=None, inventory=None):
    return decide(edges, workloads=workloads, capture=window or capture(), inventory=inventory or Inventory())


def decision(one, *others, **context):
    """What becomes of one edge among others."""
    return decisions([one, *others], **context)[one.edge_id]


def needed(*edges):
    return {one.edge_id: Decided(disposition=NEEDED) for one in edges}


def with_evidence(one, **parts):
    return replace(one, evidence=replace(one.evidence, **parts))
