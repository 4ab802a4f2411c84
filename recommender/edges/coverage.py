"""The capture as a whole: window, nodes, losses and where every record went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.edges.field_presence import read_field_presence
from recommender.edges.hours import read_hours
from recommender.edges.records import fetch_records
from recommender.edges.silences import read_silences
from recommender.model.activity import HOUR_NS
from recommender.model.capture import Capture, ClassCount, FlowClass, NodeCoverage, RejectCount

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from recommender.model.capture import Silence
    from recommender.model.sql_engine import SqlEngine

_MOMENTS: Final = {"node_hours": f"hour * {HOUR_NS}", "events": "epoch_ns(time)", "connections": "first_t"}
"""When what a table records happened."""
_COUNTED: Final = f'least(sum("count"::HUGEINT), {2**63 - 1})::BIGINT'
"""Counts come from the capture and may be anything; DuckDB adds them as 128 bits, the capture holds 64."""

_COUNTS: Final = (
    "flows",
    "verdict_flows",
    "audit_flows",
    "trace_flows",
    "reply_flows",
    "aggregated_flows",
    "dns_answers",
)
_TOTALS = f"""
SELECT coalesce(min(first_t), 0) AS first_seen, coalesce(max(last_t), 0) AS last_seen,
       {", ".join(f"coalesce(sum({name}), 0)::BIGINT AS {name}" for name in _COUNTS)}
FROM {{node_hours}}
"""
_NODES = f"""
WITH seen AS (
    SELECT node, sum(flows)::BIGINT AS flows, min(first_t) AS first_seen, max(last_t) AS last_seen,
           count(DISTINCT hour) AS active_hours
    FROM {{node_hours}} WHERE named GROUP BY node
), lost_in AS (
    SELECT coalesce(cluster || '/', '') || coalesce(node, '') AS node, epoch_ns(time) // {HOUR_NS} AS hour,
           {_COUNTED} AS events
    FROM {{events}} WHERE kind = 'lost_events' AND node IS NOT NULL GROUP BY ALL
), lost AS (
    SELECT node, least(sum(events::HUGEINT), {2**63 - 1})::BIGINT AS lost_events, count(hour) AS lost_hours,
           coalesce(arg_max(hour, (events, -hour)) FILTER (hour IS NOT NULL), 0) * {HOUR_NS} AS worst_loss_at
    FROM lost_in GROUP BY node
)
SELECT coalesce(seen.node, lost.node) AS node, coalesce(flows, 0) AS flows, coalesce(first_seen, 0) AS first_seen,
       coalesce(last_seen, 0) AS last_seen, coalesce(active_hours, 0) AS active_hours,
       coalesce(lost_events, 0) AS lost_events, coalesce(lost_hours, 0) AS lost_hours,
       coalesce(worst_loss_at, 0) AS worst_loss_at
FROM seen FULL JOIN lost ON seen.node = lost.node ORDER BY 1
"""
_UNAVAILABLE = """
SELECT DISTINCT unnest(nodes) AS node FROM {events}
WHERE kind = 'node_status' AND detail IN ('NODE_UNAVAILABLE', 'NODE_GONE', 'NODE_ERROR') ORDER BY 1
"""
_LOST = f"""
SELECT coalesce(detail, 'unknown'), {_COUNTED} FROM {{events}} WHERE kind = 'lost_events' GROUP BY 1 ORDER BY 1
"""
_OTHER = f"""
SELECT kind, {_COUNTED} FROM {{events}} WHERE kind NOT IN ('lost_events') GROUP BY 1 ORDER BY 1
"""
_EMITTERS = """
SELECT emitter, sum(flows)::BIGINT FROM {node_hours} GROUP BY 1 ORDER BY 1
"""
# By tuple, since a connection that rested for long is counted anew.
_OPENINGS = f"""
WITH tuples AS (
    SELECT min(first_t) AS first_t, bool_or(opened) AS opened FROM {{connections}} WHERE flagged
    GROUP BY call_id
)
SELECT count(*) AS late_openings, count(*) FILTER (NOT opened) AS late_unopened FROM tuples
WHERE first_t >= (SELECT min(n.first_t) + {HOUR_NS} FROM {{node_hours}} n)
"""
_REJECTS = """
SELECT reason, count(*), min(file || ':' || line, 3) FROM rejects GROUP BY 1 ORDER BY 1
"""


def read_capture(
    connection: SqlEngine,
    *,
    classes: Mapping[FlowClass, ClassCount],
    clusters: tuple[str, ...],
    clock_offsets: Mapping[str, int] | None = None,
    until: int | None = None,
) -> Capture:
    """Everything that is said of the capture rather than of an edge; reads `node_hours` and `connections`.

    With `until` (nanoseconds, the end of a clock hour), of what was recorded before it, without what findings and the
    report alone read: silences, clocks, hours and the fields present. Records that could not be read have no time and
    count in full.
    """
    sources = {
        table: table if until is None else f"(SELECT * FROM {table} WHERE {moment} < {until})"
        for table, moment in _MOMENTS.items()
    }
    totals, openings = (fetch_records(connection, query.format(**sources))[0] for query in (_TOTALS, _OPENINGS))
    unavailable, lost, other, emitters, rejects = (
        connection.execute(query.format(**sources)).fetchall()
        for query in (_UNAVAILABLE, _LOST, _OTHER, _EMITTERS, _REJECTS)
    )
    return Capture(
        **totals,
        **openings,
        clusters=clusters,
        nodes=_nodes(
            fetch_records(connection, _NODES.format(**sources)),
            *(read_silences(connection) if until is None else ({}, {})),
            clock_offsets or {},
        ),
        fields=read_field_presence(connection) if until is None else (),
        unavailable_nodes=tuple(node for (node,) in unavailable),
        lost_by_source=tuple(lost),
        lost_events=sum(count for _, count in lost),
        other_records=tuple(other),
        emitters=tuple(emitters),
        rejects=tuple(
            RejectCount(reason=reason, lines=lines, examples=tuple(examples)) for reason, lines, examples in rejects
        ),
        recorded_hours=read_hours(connection) if until is None else (),
        classes=tuple(classes[name] for name in FlowClass if name in classes),
    )


def _nodes(
    records: Iterable[Mapping[str, Any]],
    silences: Mapping[str, tuple[Silence, ...]],
    usual: Mapping[str, int],
    clock_offsets: Mapping[str, int],
) -> tuple[NodeCoverage, ...]:
    return tuple(
        NodeCoverage(
            **record,
            silences=silences.get(record["node"], ()),
            quiet_hour_flows=usual.get(record["node"], 0),
            clock_offset=clock_offsets.get(record["node"]),
        )
        for record in records
    )
