"""Which outside names did a client resolve without ever connecting to what it was told?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.edges.names import USABLE_NAME
from recommender.edges.records import fetch_records
from recommender.model.lookups import UnconnectedNames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.edge import End
    from recommender.model.sql_engine import SqlEngine

MOST_EXAMPLES: Final = 20
_CLUSTER_SUFFIX: Final = ".cluster.local"
_INSIDE: Final = (
    r"^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|169\.254\.|127\.|0\."
    r"|f[cd]|fe[89ab]|::1?$)"
)
"""Private, shared, link-local and loopback addresses (RFC 1918, 6598, 3927, 4193, 4291)."""

# A name is connected to if any of its addresses was called, under whatever name.
_UNCONNECTED: Final = f"""
WITH answers AS (
    SELECT e.end_key AS client, lower(f.dns_query) AS name, unnest(f.dns_ips) AS address
    FROM flows f JOIN ends e ON f.destination_endpoint = e.endpoint_id
    WHERE f.l7_protocol = 'dns' AND f.l7_type = 'RESPONSE' AND f.dns_ips IS NOT NULL AND e.kind = 'workload'
          AND coalesce(f.dns_rcode, 0) = 0 AND length(f.dns_query) <= 253
), told AS (
    SELECT DISTINCT client, name, address FROM answers
    WHERE regexp_matches(name, '{USABLE_NAME}') AND NOT ends_with(name, '{_CLUSTER_SUFFIX}')
), called AS (SELECT DISTINCT client_end AS client, server_ip AS address FROM connections),
named AS (
    SELECT DISTINCT client_end AS client, unnest(names) AS name
    FROM connections JOIN connection_names USING (connection_id)
), lonely AS (
    SELECT told.client, told.name FROM told
    LEFT JOIN called USING (client, address) LEFT JOIN named USING (client, name)
    GROUP BY ALL
    HAVING count(called.address) = 0 AND count(named.name) = 0
           AND NOT bool_or(regexp_matches(told.address, '{_INSIDE}'))
)
SELECT client, count(*) AS count, min(name, {MOST_EXAMPLES}) AS names FROM lonely GROUP BY client ORDER BY client
"""


def read_unconnected_names(connection: SqlEngine, ends: Mapping[str, End]) -> tuple[UnconnectedNames, ...]:
    """By client, sorted: names that were answered with outside addresses, none of which the client called.

    Reads `flows`, `ends`, `connections` and `connection_names`.
    """
    return tuple(
        UnconnectedNames(client=ends[row["client"]], count=row["count"], names=tuple(row["names"]))
        for row in fetch_records(connection, _UNCONNECTED)
        if row["client"] in ends
    )
