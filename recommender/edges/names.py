"""Which DNS name did the client know an outside address by?

First the client's own DNS answers (L7 records, swapped: the client is their destination), joined in time; of several
the latest before the connection. Then Hubble's `destination_names`, which are all names that the address ever had for
that endpoint (hubble-quirks 39). The name is always the one that was asked for, never an alias that the answer led
through: Cilium matches `toFQDNs` against the question only (`NotifyOnDNSMsg` hands on the question's name; its issue
30588).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine

GRACE_S: Final = 3600
"""An answer names connections for its time to live or an hour, whichever is longer: clients keep answers beyond it."""
SKEW_NS: Final = 5 * 1_000_000_000
"""Clocks of two nodes may differ by this much (hubble-quirks 14)."""
USABLE_NAME: Final = r"^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
"""What `toFQDNs.matchName` can hold and a resolver can have answered (RFC 1123, plus `_`)."""
_CLUSTER_SUFFIX: Final = ".cluster.local"

_ANSWERS = f"""
CREATE OR REPLACE TEMP TABLE dns_answers AS
SELECT client_ip, client_pod, address, name, t, max(ttl) AS ttl FROM (
    SELECT f.destination_ip AS client_ip, e.pod AS client_pod, unnest(f.dns_ips) AS address,
           lower(f.dns_query) AS name, epoch_ns(f.time) AS t, greatest(coalesce(f.dns_ttl, 0), {GRACE_S}) AS ttl
    FROM flows f LEFT JOIN ends e ON f.destination_endpoint = e.endpoint_id
    WHERE f.l7_protocol = 'dns' AND f.l7_type = 'RESPONSE' AND f.dns_ips IS NOT NULL
          AND coalesce(f.dns_rcode, 0) = 0 AND length(f.dns_query) <= 253
)
WHERE regexp_matches(name, '{USABLE_NAME}') AND NOT ends_with(name, '{_CLUSTER_SUFFIX}')
GROUP BY client_ip, client_pod, address, name, t
"""

# A pod of a dual stack may ask over one family and call over the other: it is known by its name, too.
_IN_TIME: Final = f"a.t <= o.until AND a.t + a.ttl * 1000000000 >= o.until - {2 * SKEW_NS}"
_NAMED = f"""
CREATE OR REPLACE TEMP TABLE connection_names AS
WITH outside AS (
    SELECT connection_id, client_ip, client_pod, server_ip, first_t + {SKEW_NS} AS until
    FROM connections WHERE server_end LIKE 'a\x1f%'
), answered AS (
    SELECT o.connection_id, a.name, a.t
    FROM outside o JOIN dns_answers a ON o.client_ip = a.client_ip AND o.server_ip = a.address AND {_IN_TIME}
    UNION ALL
    SELECT o.connection_id, a.name, a.t
    FROM outside o JOIN dns_answers a ON o.client_pod = a.client_pod AND o.server_ip = a.address AND {_IN_TIME}
), chosen AS (
    SELECT connection_id, arg_max(name, (t, name)) AS name, list_sort(list(DISTINCT name)) AS names
    FROM answered GROUP BY connection_id
), recorded AS (
    SELECT connection_id, list_sort(list(name)) AS names
    FROM recorded_names
    WHERE connection_id IN (SELECT connection_id FROM outside) AND regexp_matches(name, '{USABLE_NAME}')
          AND length(name) <= 253 AND NOT ends_with(name, '{_CLUSTER_SUFFIX}')
    GROUP BY connection_id
)
SELECT coalesce(c.connection_id, r.connection_id) AS connection_id, coalesce(c.name, r.names[1]) AS name,
       coalesce(c.names, r.names) AS names
FROM chosen c FULL JOIN recorded r USING (connection_id)
"""


def create_names(connection: SqlEngine) -> None:
    """Make `connection_names`: connection → the name it is called by (the latest answer), and all that it may be."""
    connection.execute(_ANSWERS)
    connection.execute(_NAMED)
