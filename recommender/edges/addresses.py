"""Who owns an address: pods, nodes and services, learned from the flows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_NODE_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE node_addresses AS
SELECT DISTINCT address FROM (
    SELECT f.source_ip AS address FROM flows f JOIN ends e ON f.source_endpoint = e.endpoint_id
    WHERE e.entity IN ('host', 'remote-node') AND f.source_ip IS NOT NULL
    UNION ALL
    SELECT f.destination_ip FROM flows f JOIN ends e ON f.destination_endpoint = e.endpoint_id
    WHERE e.entity IN ('host', 'remote-node') AND f.destination_ip IS NOT NULL
    UNION ALL
    SELECT address FROM inventory_nodes
)
"""

_POD_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE pod_addresses AS
SELECT address, min(end_key) AS end_key, min(pod) AS pod FROM (
    SELECT DISTINCT f.source_ip AS address, e.end_key, e.pod
    FROM flows f JOIN ends e ON f.source_endpoint = e.endpoint_id WHERE e.kind = 'workload'
    UNION
    SELECT DISTINCT f.destination_ip, e.end_key, e.pod
    FROM flows f JOIN ends e ON f.destination_endpoint = e.endpoint_id WHERE e.kind = 'workload'
)
WHERE address IS NOT NULL AND address NOT IN (SELECT address FROM node_addresses)
GROUP BY address HAVING count(DISTINCT end_key) = 1
"""

_SERVICE_BACKENDS = """
CREATE OR REPLACE TEMP TABLE service_backends AS
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
           CASE WHEN post.kind = 'workload' THEN post.end_key ELSE pod_addresses.end_key END AS end_key,
           post.port AS target_port
    FROM pre
    JOIN post ON pre.node_key = post.node_key AND pre.socket_cookie = post.socket_cookie
             AND pre.protocol = post.protocol AND abs(post.t - pre.t) <= 1000000000
    LEFT JOIN pod_addresses ON pod_addresses.address = post.address
    WHERE (pre.address, pre.port) <> (post.address, post.port)
), declared AS (
    SELECT DISTINCT s.address, s.protocol, s.port, e.end_key, s.target_port
    FROM inventory_services s JOIN ends e ON e.pod = s.pod WHERE e.kind = 'workload'
)
SELECT address, protocol, port, min(end_key) AS end_key, min(target_port) AS target_port
FROM (SELECT * FROM observed UNION SELECT * FROM declared) WHERE end_key IS NOT NULL
GROUP BY address, protocol, port HAVING count(DISTINCT (end_key, target_port)) = 1
"""

_SERVICE_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE service_addresses AS
SELECT DISTINCT address FROM (
    SELECT destination_ip AS address FROM flows WHERE sock_xlate_point = 'PRE_FWD' AND destination_service IS NOT NULL
    UNION ALL SELECT source_ip FROM flows WHERE sock_xlate_point = 'POST_REV' AND source_service IS NOT NULL
    UNION ALL SELECT address FROM inventory_services
)
"""


def create_address_maps(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `node_addresses`, `pod_addresses`, `service_backends` and `service_addresses`.

    A pod address that two workloads held in the window names neither. A service port resolves only if all its known
    backends are one workload on one target port (hubble-quirks 44): socket traces first, then the inventory.
    """
    for statement in (_NODE_ADDRESSES, _POD_ADDRESSES, _SERVICE_BACKENDS, _SERVICE_ADDRESSES):
        connection.execute(statement)
