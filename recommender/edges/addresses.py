"""Who owns an address: pods, nodes and services, learned from the flows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine

REUSE_NS: Final = 600 * 1_000_000_000
"""Where pods took turns with an address, one of them is known to hold it only within such a span of time."""
SAME_CONNECTION_NS: Final = 5 * 1_000_000_000
"""Records of one connection before and after service translation lie no further apart."""

MAX_BACKENDS: Final = 8
"""Workloads and target ports behind one service port, beyond which it stays unresolved."""
_FAN_KEY: Final = "'s\x1f' || address || '\x1f' || protocol || '\x1f' || port"

# Link-local addresses are the same on every node (node-local-dns listens there), so they name no node.
_NODE_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE node_addresses AS
SELECT DISTINCT address FROM (
    SELECT address FROM sightings JOIN ends USING (endpoint_id) WHERE on_node
    UNION ALL
    SELECT address FROM inventory_nodes
)
WHERE address IS NOT NULL AND NOT starts_with(address, '169.254.') AND NOT starts_with(address, 'fe80:')
"""

_APISERVER_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE apiserver_addresses AS
SELECT DISTINCT address FROM sightings JOIN ends USING (endpoint_id)
WHERE entity = 'kube-apiserver' AND address IS NOT NULL
"""

# Cilium finds a pod's name by its address. An end without one, that is not local either, may stand behind the address
# of a node: the proxy's second leg carries the identity of the pod and the address of the host (hubble-quirks 50).
_POD_SIGHTINGS = """
CREATE OR REPLACE TEMP TABLE pod_sightings AS
SELECT DISTINCT address, end_key, pod FROM sightings JOIN ends USING (endpoint_id)
WHERE kind = 'workload' AND (pod IS NOT NULL OR local)
      AND address IS NOT NULL AND address NOT IN (SELECT address FROM node_addresses)
"""

_POD_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE pod_addresses AS
SELECT address, min(end_key) AS end_key, min(pod) AS pod FROM (
    SELECT address, end_key, pod FROM pod_sightings
    UNION ALL
    SELECT i.address, e.end_key, i.pod FROM inventory_pods i JOIN ends e ON e.pod = i.pod
    WHERE e.kind = 'workload' AND i.address NOT IN (SELECT address FROM node_addresses)
)
GROUP BY address HAVING count(DISTINCT end_key) = 1
"""

_SHARED_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE shared_addresses AS
SELECT DISTINCT address FROM (
    SELECT address FROM pod_sightings UNION ALL SELECT address FROM inventory_pods
) WHERE address NOT IN (SELECT address FROM pod_addresses) AND address NOT IN (SELECT address FROM node_addresses)
"""

_SHARED_ADDRESS_SPANS = f"""
CREATE OR REPLACE TEMP TABLE shared_address_spans AS
SELECT address, span, min(end_key) AS end_key, min(pod) AS pod FROM (
    SELECT f.source_ip AS address, epoch_ns(f.time) // {REUSE_NS} AS span, e.end_key, e.pod
    FROM flows f JOIN ends e ON f.source_endpoint = e.endpoint_id
    WHERE e.kind = 'workload' AND (e.pod IS NOT NULL OR e.local)
          AND f.source_ip IN (SELECT address FROM shared_addresses)
    UNION ALL
    SELECT f.destination_ip, epoch_ns(f.time) // {REUSE_NS}, e.end_key, e.pod
    FROM flows f JOIN ends e ON f.destination_endpoint = e.endpoint_id
    WHERE e.kind = 'workload' AND (e.pod IS NOT NULL OR e.local)
          AND f.destination_ip IN (SELECT address FROM shared_addresses)
)
GROUP BY address, span HAVING count(DISTINCT end_key) = 1
"""

_SERVICE_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE service_addresses AS
SELECT DISTINCT address FROM (
    SELECT destination_ip AS address FROM flows WHERE sock_xlate_point = 'PRE_FWD' AND destination_service IS NOT NULL
    UNION ALL SELECT source_ip FROM flows WHERE sock_xlate_point = 'POST_REV' AND source_service IS NOT NULL
    UNION ALL SELECT address FROM inventory_services
)
"""

# What a client's address and port were seen to reach, once under the service's address and once under the backend's.
_SERVICE_SIDES = """
CREATE OR REPLACE TEMP VIEW service_sides AS
SELECT protocol, source_ip AS client_ip, source_port AS client_port, destination_ip AS address,
       destination_port AS port, destination_endpoint AS endpoint, destination_service AS service, time
FROM flows WHERE type IS DISTINCT FROM 'SOCK' AND protocol IN ('TCP', 'UDP', 'SCTP')
UNION ALL
SELECT protocol, destination_ip, destination_port, source_ip, source_port, source_endpoint, source_service, time
FROM flows WHERE type IS DISTINCT FROM 'SOCK' AND protocol IN ('TCP', 'UDP', 'SCTP')
"""
# A table of its own: most captures have none, and then nothing else needs to be read.
_SERVICE_FRONTS = """
CREATE OR REPLACE TEMP TABLE service_fronts AS
SELECT protocol, client_ip, client_port, address, port, min(epoch_ns(time)) AS t
FROM service_sides LEFT JOIN ends ON endpoint = endpoint_id
WHERE (service IS NOT NULL OR address IN (SELECT address FROM service_addresses))
      AND (kind IS NULL OR kind IN ('external', 'unknown'))
GROUP BY ALL
"""
_SERVICE_TUPLES = f"""
CREATE OR REPLACE TEMP TABLE service_tuples AS
SELECT f.protocol, f.client_ip, f.client_port, f.address, f.port, min(e.end_key) AS end_key,
       min(b.address) AS target_ip, min(b.port) AS target_port
FROM service_fronts f
JOIN service_sides b ON b.protocol = f.protocol AND b.client_ip = f.client_ip AND b.client_port = f.client_port
     AND (b.address <> f.address OR b.port <> f.port)
     AND abs(epoch_ns(b.time) - f.t) <= {SAME_CONNECTION_NS}
JOIN ends e ON b.endpoint = e.endpoint_id AND e.kind IN ('workload', 'entity')
GROUP BY ALL HAVING count(DISTINCT (e.end_key, b.address, b.port)) = 1
"""

_SERVICE_TARGETS = """
CREATE OR REPLACE TEMP TABLE service_targets AS
WITH pre AS (
    SELECT coalesce(cluster, '') || '/' || coalesce(node, '') AS node_key, socket_cookie, protocol, epoch_ns(time) AS t,
           destination_ip AS address, destination_port AS port
    FROM flows WHERE sock_xlate_point = 'PRE_FWD' AND socket_cookie IS NOT NULL AND destination_port IS NOT NULL
), post AS (
    SELECT coalesce(f.cluster, '') || '/' || coalesce(f.node, '') AS node_key, f.socket_cookie, f.protocol,
           epoch_ns(f.time) AS t, f.destination_ip AS address, f.destination_port AS port, e.kind, e.end_key, e.pod
    FROM flows f LEFT JOIN ends e ON f.destination_endpoint = e.endpoint_id
    WHERE f.sock_xlate_point = 'POST_FWD' AND f.socket_cookie IS NOT NULL AND f.destination_port IS NOT NULL
), observed AS (
    SELECT DISTINCT pre.address, pre.protocol, pre.port,
           CASE WHEN post.kind IN ('workload', 'entity') THEN post.end_key ELSE pod_addresses.end_key END AS end_key,
           post.port AS target_port
    FROM pre
    JOIN post ON pre.node_key = post.node_key AND pre.socket_cookie = post.socket_cookie
             AND pre.protocol = post.protocol AND abs(post.t - pre.t) <= 1000000000
    LEFT JOIN pod_addresses ON pod_addresses.address = post.address
    WHERE pre.address <> post.address OR pre.port <> post.port
), declared AS (
    SELECT DISTINCT s.address, s.protocol, s.port, e.end_key, s.target_port
    FROM inventory_services s JOIN ends e ON e.pod = s.pod WHERE e.kind = 'workload'
)
SELECT * FROM observed WHERE end_key IS NOT NULL UNION SELECT * FROM declared WHERE end_key IS NOT NULL
"""

# Behind one service port may stand several workloads (a canary), or one on several ports (a named target port that its
# pods give to different numbers). Which of them was reached is not known, and any may be next: the service is an end of
# its own until connections are known, and then stands for each of them.
_SERVICE_BACKENDS = f"""
CREATE OR REPLACE TEMP TABLE service_backends AS
SELECT address, protocol, port, CASE WHEN count(*) = 1 THEN min(end_key) ELSE {_FAN_KEY} END AS end_key,
       CASE WHEN count(*) = 1 THEN min(target_port) ELSE port END AS target_port
FROM service_targets GROUP BY address, protocol, port HAVING count(*) <= {MAX_BACKENDS}
"""

_SERVICE_FANS = f"""
CREATE OR REPLACE TEMP TABLE service_fans AS
SELECT {_FAN_KEY} AS fan_key, end_key, target_port FROM service_targets
"""


_OWN_ADDRESSES: Final = """
SELECT address FROM node_addresses UNION SELECT address FROM apiserver_addresses UNION SELECT address FROM pod_addresses
UNION SELECT address FROM shared_addresses UNION SELECT address FROM service_addresses
UNION SELECT address FROM inventory_pods ORDER BY address
"""


def own_addresses(connection: SqlEngine) -> tuple[str, ...]:
    """Every address that is known to be a node's, a pod's or a service's of the cluster, sorted."""
    return tuple(address for (address,) in connection.execute(_OWN_ADDRESSES).fetchall() if address)


def create_address_maps(connection: SqlEngine) -> None:
    """Make the tables that say whose an address is.

    `node_addresses`, `apiserver_addresses` and `pod_addresses`; a pod address that two workloads held in the window
    names neither: it is one of `shared_addresses`, and `shared_address_spans` tells who held it when (hubble-quirks
    30). `service_tuples` leads from one client's connection to the backend that it reached, `service_backends` from a
    service port to its workload and target port (hubble-quirks 44), by socket traces and the inventory; where there are
    several, to a key of the service, for which `service_fans` has them all.
    """
    for statement in (
        _NODE_ADDRESSES,
        _APISERVER_ADDRESSES,
        _POD_SIGHTINGS,
        _POD_ADDRESSES,
        _SHARED_ADDRESSES,
        _SHARED_ADDRESS_SPANS,
        _SERVICE_ADDRESSES,
        _SERVICE_SIDES,
        _SERVICE_FRONTS,
        _SERVICE_TUPLES,
        _SERVICE_TARGETS,
        _SERVICE_BACKENDS,
        _SERVICE_FANS,
    ):
        connection.execute(statement)
