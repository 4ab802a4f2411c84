"""Where and when was each endpoint seen, and under which addresses? One look at all flows answers many questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine

_SIGHTINGS: Final = """
CREATE OR REPLACE TEMP TABLE sightings AS
WITH sides AS (
    SELECT source_endpoint AS endpoint_id, source_ip AS address, cluster, node, min(time) AS first_time,
           max(time) AS last_time
    FROM flows GROUP BY ALL
    UNION ALL
    SELECT destination_endpoint, destination_ip, cluster, node, min(time), max(time) FROM flows GROUP BY ALL
)
SELECT endpoint_id, address, coalesce(cluster || '/', '') || coalesce(node, '') AS node,
       min(epoch_ns(first_time)) AS first_t, max(epoch_ns(last_time)) AS last_t
FROM sides GROUP BY ALL
"""


def create_sightings(connection: SqlEngine) -> None:
    """Make `sightings`: endpoint, address and recording node with the first and last time (ns), of either side."""
    connection.execute(_SIGHTINGS)
