"""The capture as a whole: window, nodes, losses and where every record went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.edges.classes import EVENT_TYPE
from recommender.edges.records import fetch_records
from recommender.model.capture import Capture, ClassCount, FlowClass, NodeCoverage, RejectCount

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

_COUNTED: Final = f'least(sum("count"), {2**63 - 1})::BIGINT'
"""Counts come from the capture and may be anything; DuckDB adds them as 128 bits, the capture holds 64."""

_IS_REPLY: Final = """
coalesce(is_reply, trace_reason = 'REPLY' OR l7_type = 'RESPONSE' OR (coalesce(tcp_flags, 0) & 18) = 18)
"""
"""Also where the mask leaves out is_reply, lest answers that were recorded look as if none could be (SYN+ACK: 18)."""

_TOTALS = f"""
SELECT coalesce(min(epoch_ns(time)), 0) AS first_seen, coalesce(max(epoch_ns(time)), 0) AS last_seen, count(*) AS flows,
       count(*) FILTER ({EVENT_TYPE} = 5) AS verdict_flows, count(*) FILTER (verdict = 'AUDIT') AS audit_flows,
       count(*) FILTER ({_IS_REPLY}) AS reply_flows,
       count(*) FILTER (l7_protocol = 'dns' AND l7_type = 'RESPONSE' AND dns_ips IS NOT NULL) AS dns_answers
FROM flows
"""
_NODES = f"""
WITH seen AS (
    SELECT coalesce(cluster || '/', '') || coalesce(node, '') AS node, count(*) AS flows,
           min(epoch_ns(time)) AS first_seen, max(epoch_ns(time)) AS last_seen,
           count(DISTINCT epoch_ns(time) // 3600000000000) AS active_hours
    FROM flows WHERE node IS NOT NULL GROUP BY ALL
), lost AS (
    SELECT coalesce(cluster || '/', '') || coalesce(node, '') AS node, {_COUNTED} AS lost_events
    FROM events WHERE kind = 'lost_events' AND node IS NOT NULL GROUP BY ALL
)
SELECT coalesce(seen.node, lost.node) AS node, coalesce(flows, 0) AS flows, coalesce(first_seen, 0) AS first_seen,
       coalesce(last_seen, 0) AS last_seen, coalesce(active_hours, 0) AS active_hours,
       coalesce(lost_events, 0) AS lost_events
FROM seen FULL JOIN lost ON seen.node = lost.node ORDER BY 1
"""
_UNAVAILABLE = """
SELECT DISTINCT unnest(nodes) AS node FROM events
WHERE kind = 'node_status' AND detail IN ('NODE_UNAVAILABLE', 'NODE_GONE', 'NODE_ERROR') ORDER BY 1
"""
_LOST = f"""
SELECT coalesce(detail, 'unknown'), {_COUNTED} FROM events WHERE kind = 'lost_events' GROUP BY 1 ORDER BY 1
"""
_OTHER = f"""
SELECT kind, {_COUNTED} FROM events WHERE kind NOT IN ('lost_events') GROUP BY 1 ORDER BY 1
"""
_EMITTERS = """
SELECT coalesce(emitter_name, 'unnamed') || coalesce(' ' || emitter_version, ''), count(*)
FROM flows GROUP BY 1 ORDER BY 1
"""
_REJECTS = """
SELECT reason, count(*), min(file || ':' || line, 3) FROM rejects GROUP BY 1 ORDER BY 1
"""


def read_capture(
    connection: duckdb.DuckDBPyConnection,
    *,
    classes: Mapping[FlowClass, ClassCount],
    clusters: tuple[str, ...],
) -> Capture:
    """Everything that is said of the capture rather than of an edge."""
    totals = fetch_records(connection, _TOTALS)[0]
    return Capture(
        **totals,
        clusters=clusters,
        nodes=tuple(NodeCoverage(**node) for node in fetch_records(connection, _NODES)),
        unavailable_nodes=tuple(node for (node,) in connection.execute(_UNAVAILABLE).fetchall()),
        lost_by_source=tuple(connection.execute(_LOST).fetchall()),
        lost_events=sum(count for _, count in connection.execute(_LOST).fetchall()),
        other_records=tuple(connection.execute(_OTHER).fetchall()),
        emitters=tuple(connection.execute(_EMITTERS).fetchall()),
        rejects=tuple(
            RejectCount(reason=reason, lines=lines, examples=tuple(examples))
            for reason, lines, examples in connection.execute(_REJECTS).fetchall()
        ),
        classes=tuple(classes[name] for name in FlowClass if name in classes),
    )
