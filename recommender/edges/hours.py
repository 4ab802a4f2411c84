"""What each clock hour of the capture holds: records, and pods that nothing showed before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.edges.records import fetch_records
from recommender.model.capture import CaptureHour

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine

_HOURS: Final = """
WITH ends AS (
    SELECT source_endpoint AS endpoint_id, min(epoch_ns(time)) // 3600000000000 AS hour FROM flows GROUP BY 1
    UNION ALL
    SELECT destination_endpoint, min(epoch_ns(time)) // 3600000000000 FROM flows GROUP BY 1
), pods AS (
    SELECT min(hour) AS hour
    FROM ends JOIN (SELECT DISTINCT ON (endpoint_id) * FROM endpoints) USING (endpoint_id)
    WHERE pod IS NOT NULL GROUP BY cluster, namespace, pod
), fresh AS (
    SELECT hour, count(*) AS new_pods FROM pods GROUP BY 1
), recorded AS (
    SELECT epoch_ns(time) // 3600000000000 AS hour, count(*) AS flows FROM flows GROUP BY 1
)
SELECT hour, flows, coalesce(new_pods, 0) AS new_pods FROM recorded LEFT JOIN fresh USING (hour) ORDER BY hour
"""


def read_hours(connection: SqlEngine) -> tuple[CaptureHour, ...]:
    """The hours in which anything was recorded, in order; many new pods in one are a rollout."""
    return tuple(CaptureHour(**row) for row in fetch_records(connection, _HOURS))
