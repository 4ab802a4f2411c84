"""What each clock hour of the capture holds: records of every kind by node, and pods that nothing showed before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.edges.classes import EVENT_TYPE
from recommender.edges.records import fetch_records
from recommender.model.activity import HOUR_NS
from recommender.model.capture import CaptureHour

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine

_IS_REPLY: Final = """
coalesce(is_reply, trace_reason = 'REPLY' OR l7_type = 'RESPONSE' OR (coalesce(tcp_flags, 0) & 18) = 18)
"""
"""Also where the mask leaves out is_reply, lest answers that were recorded look as if none could be (SYN+ACK: 18)."""

_NODE_HOURS: Final = f"""
CREATE OR REPLACE TEMP TABLE node_hours AS
WITH counted AS (
    SELECT cluster, node, emitter_name, emitter_version, epoch_ns(time) // {HOUR_NS} AS hour, count(*) AS flows,
           min(time) AS first_time, max(time) AS last_time,
           count(*) FILTER ({EVENT_TYPE} = 5) AS verdict_flows, count(*) FILTER (verdict = 'AUDIT') AS audit_flows,
           count(*) FILTER ({EVENT_TYPE} = 4) AS trace_flows, count(*) FILTER ({_IS_REPLY}) AS reply_flows,
           count(*) FILTER (events > 1) AS aggregated_flows,
           count(*) FILTER (l7_protocol = 'dns' AND l7_type = 'RESPONSE' AND dns_ips IS NOT NULL) AS dns_answers
    FROM flows GROUP BY ALL
)
SELECT coalesce(cluster || '/', '') || coalesce(node, '') AS node, node IS NOT NULL AS named,
       coalesce(emitter_name, 'unnamed') || coalesce(' ' || emitter_version, '') AS emitter, hour, flows,
       epoch_ns(first_time) AS first_t, epoch_ns(last_time) AS last_t, verdict_flows, audit_flows, trace_flows,
       reply_flows, aggregated_flows, dns_answers
FROM counted
"""
_HOURS: Final = f"""
WITH seen AS (
    SELECT endpoint_id, min(first_t) // {HOUR_NS} AS hour FROM sightings GROUP BY 1
), pods AS (
    SELECT min(hour) AS hour
    FROM seen JOIN (SELECT DISTINCT ON (endpoint_id) * FROM endpoints) USING (endpoint_id)
    WHERE pod IS NOT NULL GROUP BY cluster, namespace, pod
), fresh AS (
    SELECT hour, count(*) AS new_pods FROM pods GROUP BY 1
), recorded AS (
    SELECT hour, sum(flows)::BIGINT AS flows FROM node_hours GROUP BY 1
)
SELECT hour, flows, coalesce(new_pods, 0) AS new_pods FROM recorded LEFT JOIN fresh USING (hour) ORDER BY hour
"""


def create_node_hours(connection: SqlEngine) -> None:
    """Make `node_hours`: for every recording node, emitter and clock hour how many records of which kinds there are."""
    connection.execute(_NODE_HOURS)


def read_hours(connection: SqlEngine) -> tuple[CaptureHour, ...]:
    """The hours in which anything was recorded, in order; many new pods in one are a rollout."""
    return tuple(CaptureHour(**row) for row in fetch_records(connection, _HOURS))
