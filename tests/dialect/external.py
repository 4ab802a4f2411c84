"""Policies with everything that goes beyond what was seen, or names what is outside: shared by tests of this folder."""

from __future__ import annotations

from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from tests.dialect.scene import written
from tests.policy.scene import (
    COREDNS,
    DB,
    HOUR,
    MONDAY,
    WEB,
    address,
    dns_edge,
    edge,
    entity,
    fqdn,
    group,
    policies,
    workload,
)

GROUPS = (group(WEB), group(DB), group(COREDNS, labels={"k8s-app": "kube-dns"}))
ONCE = {"connections": 1, "active_hours": 1, "active_days": 1}


def external_edges():
    """Dynamic ports, names that keep coming, one name among several, many addresses of both families, and the rest."""
    return (
        edge(WEB, DB, 21, active_hours=100),
        *(edge(WEB, DB, 50000 + number * 4, **ONCE) for number in range(25)),
        edge(DB, WEB, 8080),
        *(
            edge(
                WEB,
                fqdn(f"tenant{number}.example.com"),
                443,
                first_seen=MONDAY + number * 45 * HOUR,
                server_addresses=(f"203.0.113.{100 + number}", f"2001:db8::{number}"),
            )
            for number in range(4)
        ),
        edge(WEB, fqdn("cdn.example.net"), 443, names=("cdn.example.net", "img.example.net"),
             server_addresses=("203.0.113.99",)),
        *(edge(WEB, address(f"198.51.100.{number}"), 8443) for number in range(0, 64, 2)),
        *(edge(WEB, address(f"2001:db8:1:{number:x}::1"), 8443) for number in (0, 1, 3)),
        edge(WEB, address("169.254.169.254"), 80),
        edge(WEB, address("10.9.8.7"), 8443),
        edge(DB, entity(Entity.KUBE_APISERVER), 6443, server_addresses=("192.0.2.10",)),
        edge(entity(Entity.INGRESS), WEB, 8080, client_addresses=("10.244.0.200",)),
        edge(entity(Entity.WORLD), WEB, 8443, client_addresses=("198.51.100.7", "2001:db8:2::7")),
        edge(WEB, DB, 20000, Protocol.SCTP),
        edge(WEB, DB, 128, Protocol.ICMPV6),
        dns_edge(WEB),
    )  # fmt: skip


def external_workloads():
    named = {
        WEB: (("http", "TCP", 8080), ("http", "TCP", 8081)),
        DB: (("ftp", "TCP", 21), ("admin", "TCP", 50051)),
    }
    return [workload(member, named_ports=named.get(member, ())) for one in GROUPS for member in one.members]


def external_policies(limits=None):
    return policies(external_edges(), GROUPS, workloads=external_workloads(), limits=limits)


def external_written(dialect, limits=None):
    made = external_policies(limits)
    return written(made.policies, dialect, edges=external_edges(), decided=made.decided)
