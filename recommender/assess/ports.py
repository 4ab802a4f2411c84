"""Ports that change what a contact means: remote control and data stores, and what the internet normally serves."""

from __future__ import annotations

from typing import Final

from recommender.model.edge import Protocol

SENSITIVE_PORTS: Final = {
    22: "SSH",
    23: "Telnet",
    445: "SMB",
    1433: "SQL Server",
    1521: "Oracle",
    2375: "Docker",
    2376: "Docker",
    2379: "etcd",
    2380: "etcd",
    3306: "MySQL",
    3389: "RDP",
    5432: "PostgreSQL",
    5900: "VNC",
    5984: "CouchDB",
    5985: "WinRM",
    6379: "Redis",
    9042: "Cassandra",
    9200: "Elasticsearch",
    9300: "Elasticsearch",
    10250: "kubelet",
    10255: "kubelet",
    11211: "memcached",
    27017: "MongoDB",
}
"""Port number (IANA's assignment or the software's default) and what listens there."""

ORDINARY_OUTSIDE_PORTS: Final = frozenset({53, 80, 123, 443, 465, 587, 853, 8443})
"""What pods commonly ask of the internet: DNS, web, time, mail submission."""

EPHEMERAL_FROM: Final = 32768
"""First port of Linux's default `net.ipv4.ip_local_port_range`."""


def is_sensitive(protocol: Protocol, port: int) -> bool:
    """Whether a contact with this port gives control of a machine or a data store."""
    return protocol is Protocol.TCP and port in SENSITIVE_PORTS


def is_odd_outside(protocol: Protocol, port: int) -> bool:
    """Whether this is a port that pods rarely need outside the cluster."""
    return protocol.has_ports and port not in ORDINARY_OUTSIDE_PORTS
