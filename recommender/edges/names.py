"""Which DNS name did the client know an outside address by?

First the client's own DNS answers (L7 records, swapped: the client is their destination), joined in time; then Hubble's
`destination_names`, which are all names that the address ever had for that endpoint (hubble-quirks 39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import duckdb

GRACE_S: Final = 3600
"""An answer names connections for its time to live or an hour, whichever is longer: clients keep answers beyond it."""
SKEW_NS: Final = 5 * 1_000_000_000
"""Clocks of two nodes may differ by this much (hubble-quirks 14)."""
USABLE_NAME: Final = r"^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
"""What `toFQDNs.matchName` can hold and a resolver can have answered (RFC 1123, plus `_`)."""
_CLUSTER_SUFFIX: Final = ".cluster.local"

_ANSWERS = f"""
CREATE OR REPLACE TEMP TABLE dns_answers AS
SELECT client_ip, address, name, t, max(ttl) AS ttl FROM (
    SELECT destination_ip AS client_ip, unnest(dns_ips) AS address, lower(dns_query) AS name, epoch_ns(time) AS t,
           greatest(coalesce(dns_ttl, 0), {GRACE_S}) AS ttl
    FROM flows
    WHERE l7_protocol = 'dns' AND l7_type = 'RESPONSE' AND dns_ips IS NOT NULL AND coalesce(dns_rcode, 0) = 0
          AND len(dns_query) <= 253
)
WHERE regexp_matches(name, '{USABLE_NAME}') AND NOT ends_with(name, '{_CLUSTER_SUFFIX}')
GROUP BY client_ip, address, name, t
"""

_NAMED = f"""
CREATE OR REPLACE TEMP TABLE connection_names AS
WITH outside AS (
    SELECT connection_id, client_ip, server_ip, first_t + {SKEW_NS} AS until, server_names,
    FROM connections WHERE server_end LIKE 'a\x1f%'
), answered AS (
    SELECT o.connection_id, a.name, a.t
    FROM outside o JOIN dns_answers a
      ON o.client_ip = a.client_ip AND o.server_ip = a.address
     AND a.t <= o.until AND a.t + a.ttl * 1000000000 >= o.until - {2 * SKEW_NS}
), chosen AS (
    SELECT connection_id, arg_max(name, (t, name)) AS name, list_sort(list(DISTINCT name)) AS names
    FROM answered GROUP BY connection_id
), recorded AS (
    SELECT connection_id, list_sort(list(DISTINCT lower(name))) AS names
    FROM (SELECT connection_id, unnest(server_names) AS name FROM outside)
    WHERE regexp_matches(lower(name), '{USABLE_NAME}') AND len(name) <= 253
          AND NOT ends_with(lower(name), '{_CLUSTER_SUFFIX}')
    GROUP BY connection_id
)
SELECT coalesce(c.connection_id, r.connection_id) AS connection_id, coalesce(c.name, r.names[1]) AS name,
       list_sort(list_distinct(list_concat(coalesce(c.names, []), coalesce(r.names, [])))) AS names
FROM chosen c FULL JOIN recorded r USING (connection_id)
"""


def create_names(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `connection_names`: connection → the name it is called by (the latest answer), and all candidates."""
    connection.execute(_ANSWERS)
    connection.execute(_NAMED)
