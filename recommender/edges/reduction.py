"""Connections to edges with evidence."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

from recommender.edges.connections import BEST_REASON, PROTOCOLS, SILENCE_NS
from recommender.edges.http_requests import read_http_evidence
from recommender.edges.marks import marked
from recommender.edges.numbers import ENTITY_NUMBERS, is_outside, is_workload
from recommender.edges.records import fetch_records, read_uuids
from recommender.model.edge import (
    AddressEnd,
    Edge,
    End,
    EntityEnd,
    Evidence,
    FqdnEnd,
    OrientationReason,
    VerdictMix,
)
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.http_request import HttpEvidence
    from recommender.model.sql_engine import SqlEngine

MAX_EXTERNAL_CLIENTS: Final = 8
"""More outside addresses than this on one server port are the world: a public service, not a list of partners."""
MAX_ADDRESSES: Final = 256
MAX_SAMPLES: Final = 3
BUCKETS_AN_HOUR: Final = 6
_REASONS: Final = tuple(OrientationReason)

_CROWDED = f"""
CREATE OR REPLACE TEMP TABLE crowded AS
SELECT server_end, protocol, server_port FROM folded_connections
WHERE {is_outside("client_end")} AND first_t < {{until}}
GROUP BY ALL HAVING count(DISTINCT client_ip) > {MAX_EXTERNAL_CLIENTS}
"""

# A view: written down, it would be a second copy of the widest table, and each reader needs a few columns only. An edge
# is known here by a number, and its server, where that has a name, by the name alone.
_EDGE_CONNECTIONS = f"""
CREATE OR REPLACE TEMP VIEW edge_connections AS
WITH begun AS (
    SELECT * REPLACE (least(last_t, {{until}} - 1) AS last_t) FROM folded_connections WHERE first_t < {{until}}
), called AS (
    SELECT c.*, CASE WHEN {is_outside("c.client_end")} AND w.server_end IS NOT NULL
                     THEN {ENTITY_NUMBERS[Entity.WORLD]} ELSE c.client_end END AS client,
           CASE WHEN n.name IS NULL THEN c.server_end END AS server, n.name, n.names
    FROM begun c
    LEFT JOIN crowded w ON w.server_end = c.server_end AND w.protocol = c.protocol AND w.server_port = c.server_port
    LEFT JOIN connection_names n ON n.connection_id = c.connection_id
)
SELECT *, hash(client, coalesce(server, 0), coalesce(name, ''), protocol, server_port) AS edge FROM called
"""

_ACTIVITY = f"""
CREATE OR REPLACE TEMP TABLE edge_activity AS
WITH seen AS (
    SELECT DISTINCT edge, bucket // {BUCKETS_AN_HOUR} AS hour
    FROM edge_connections JOIN active_buckets USING (connection_id)
    WHERE bucket * {SILENCE_NS} < {{until}}
)
SELECT edge, count(*) AS hours, count(DISTINCT hour // 6) AS six_hours, count(DISTINCT hour // 24) AS days,
       bitstring_agg(hour - {{first}}, 0, {{last}}) FILTER (hour BETWEEN {{first}} AND {{first}} + {{last}})::BLOB
           AS activity
FROM seen GROUP BY edge
"""


def _addresses(side: str) -> str:
    """The first addresses of an edge's end that is no workload, in order."""
    return f"""
    SELECT edge, list_sort(list(address)) AS {side}_addresses
    FROM (
        SELECT edge, number, row_number() OVER (PARTITION BY edge ORDER BY number) AS place
        FROM (SELECT DISTINCT edge, {side}_ip AS number FROM edge_connections WHERE NOT {is_workload(f"{side}_end")})
    ) JOIN address_numbers USING (number)
    WHERE place <= {MAX_ADDRESSES} GROUP BY edge"""


_EDGES = f"""
WITH judged AS (
    SELECT *, {BEST_REASON} AS reason,
           CASE WHEN {marked("explicit")} THEN 'explicit' WHEN {marked("dropped")} THEN 'denied'
                WHEN {marked("audited")} THEN 'audited' WHEN {marked("allowed")} THEN 'allowed' ELSE 'none' END
               AS verdict
    FROM edge_connections
), reasons AS (
    SELECT edge, map_from_entries(list((reason, n))) AS reasons
    FROM (SELECT edge, reason, count(*) AS n FROM judged GROUP BY edge, reason) GROUP BY edge
), allowing AS (
    SELECT edge, list_sort(list_distinct(list(policy) FILTER (egress))) AS egress_policies,
           list_sort(list_distinct(list(policy) FILTER (ingress))) AS ingress_policies,
           list_sort(list_distinct(list(policy) FILTER (broad))) AS broad_policies
    FROM connection_policies JOIN edge_connections USING (connection_id) GROUP BY edge
), client_addresses AS ({_addresses("client")}
), server_addresses AS ({_addresses("server")}
), summed AS (
    SELECT edge, any_value(client) AS client, any_value(server) AS server, any_value(name) AS name,
           any_value(protocol) AS protocol, any_value(server_port) AS server_port, count(*) AS connections,
           sum(flows)::BIGINT AS flows, count(*) FILTER ({marked("answered")}) AS answered,
           count(*) FILTER ({marked("reset")} AND NOT {marked("answered")}) AS refused,
           count(*) FILTER ({marked("flagged")} AND NOT {marked("opened")}) AS unopened,
           count(*) FILTER ({marked("turned")}) AS turned_around,
           count(*) FILTER ({marked("from_own_node")}) AS from_own_node,
           count(DISTINCT client_pod) AS client_pods, count(DISTINCT server_pod) AS server_pods,
           count(DISTINCT client_node) AS client_nodes, count(DISTINCT server_node) AS server_nodes,
           count(*) FILTER (client_node IS NOT NULL AND server_node IS NOT NULL) AS both_sides,
           min(first_t) AS first_seen, max(last_t) AS last_seen,
           count(*) FILTER (verdict = 'explicit') AS explicitly_denied, count(*) FILTER (verdict = 'denied') AS denied,
           count(*) FILTER (verdict = 'audited') AS audited, count(*) FILTER (verdict = 'allowed') AS allowed_by_policy,
           count(*) FILTER (verdict = 'none') AS no_verdict,
           count(*) FILTER ({marked("egress_judged")}) AS egress_verdicts,
           count(*) FILTER ({marked("ingress_judged")}) AS ingress_verdicts,
           count(*) FILTER ({marked("egress_rule")} AND NOT {marked("egress_otherwise")}) AS egress_allowed,
           count(*) FILTER ({marked("ingress_rule")} AND NOT {marked("ingress_otherwise")}) AS ingress_allowed,
           count(*) FILTER ({marked("broad")}) AS broad_matches,
           list_sort(list_distinct(flatten(list(names) FILTER (names IS NOT NULL)))) AS names,
           list_sort(list_distinct(list(service) FILTER (service IS NOT NULL))) AS services,
           min(event_id, {MAX_SAMPLES}) AS event_ids
    FROM judged GROUP BY edge
)
SELECT s.* REPLACE (c.end_key AS client,
                    CASE WHEN s.name IS NULL THEN v.end_key ELSE 'f\x1f' || s.name END AS server),
       a.hours, a.six_hours, a.days, a.activity, r.reasons, p.egress_policies, p.ingress_policies, p.broad_policies,
       ca.client_addresses, sa.server_addresses
FROM summed s
JOIN edge_activity a ON a.edge = s.edge
JOIN reasons r ON r.edge = s.edge
JOIN end_names c ON c.number = s.client
LEFT JOIN end_names v ON v.number = s.server
LEFT JOIN allowing p ON p.edge = s.edge
LEFT JOIN client_addresses ca ON ca.edge = s.edge
LEFT JOIN server_addresses sa ON sa.edge = s.edge
"""


def reduce_to_edges(
    connection: SqlEngine, ends: Mapping[str, End], *, first_hour: int, hours: int, until: int
) -> tuple[Edge, ...]:
    """All edges of the capture with their evidence, sorted; ends by the keys that SQL knows them by.

    Activity counts `hours` hours from `first_hour` since the epoch. Connections that begin at `until` (nanoseconds) or
    later are left out; of one that lasts beyond it, the counts are those of its whole life.
    """
    # Whole bytes: DuckDB pads a bit string in front, numpy behind.
    last = 8 * ceil(hours / 8) - 1
    connection.execute(_CROWDED.format(until=until))
    connection.execute(_EDGE_CONNECTIONS.format(until=until))
    connection.execute(_ACTIVITY.format(until=until, first=first_hour, last=last))
    http = read_http_evidence(connection)
    records = fetch_records(connection, _EDGES)
    uuids = read_uuids(connection, (event_id for record in records for event_id in record["event_ids"]))
    return tuple(sorted((_edge(record, ends, http, uuids) for record in records), key=lambda edge: edge.sort_key))


def _edge(
    record: dict[str, Any], ends: Mapping[str, End], http: Mapping[int, HttpEvidence], uuids: Mapping[int, str]
) -> Edge:
    return Edge(
        client=_end(record["client"], ends),
        server=_end(record["server"], ends),
        protocol=PROTOCOLS[record["protocol"]],
        port=record["server_port"],
        evidence=_evidence(record, http.get(record["edge"]), uuids),
    )


def _end(key: str, ends: Mapping[str, End]) -> End:
    if key.startswith("a\x1f"):
        return AddressEnd(address=key[2:])
    if key.startswith("f\x1f"):
        return FqdnEnd(name=key[2:])
    if key.startswith("e\x1f"):
        return EntityEnd(entity=Entity(key[2:]))
    return ends[key]


def _evidence(record: dict[str, Any], http: HttpEvidence | None, uuids: Mapping[int, str]) -> Evidence:
    counted = dict(record["reasons"])
    egress_policies, ingress_policies = _named(record["egress_policies"]), _named(record["ingress_policies"])
    verdicts = VerdictMix(
        explicitly_denied=record["explicitly_denied"],
        denied=record["denied"],
        audited=record["audited"],
        allowed_by_policy=record["allowed_by_policy"],
        no_verdict=record["no_verdict"],
    )
    same = (
        "connections", "flows", "answered", "refused", "unopened", "turned_around", "from_own_node", "client_pods",
        "server_pods", "client_nodes", "server_nodes", "both_sides", "first_seen", "last_seen", "egress_verdicts",
        "ingress_verdicts", "egress_allowed", "ingress_allowed", "broad_matches",
    )  # fmt: skip
    return Evidence(
        **{name: record[name] for name in same},
        active_hours=record["hours"],
        active_six_hours=record["six_hours"],
        active_days=record["days"],
        activity=(record["activity"] or b"").rstrip(b"\0"),
        verdicts=verdicts,
        reasons=tuple((reason, counted[reason.value]) for reason in _REASONS if reason.value in counted),
        names=tuple(record["names"] or ()),
        client_addresses=tuple(record["client_addresses"] or ()),
        server_addresses=tuple(record["server_addresses"] or ()),
        services=tuple(record["services"] or ()),
        policies=tuple(sorted({*egress_policies, *ingress_policies})),
        egress_policies=egress_policies,
        ingress_policies=ingress_policies,
        broad_policies=_named(record["broad_policies"]),
        sample_uuids=tuple(sorted(uuids[event_id] for event_id in record["event_ids"] if event_id in uuids)),
        http=http,
    )


def _named(policies: list[str] | None) -> tuple[str, ...]:
    return tuple(policy for policy in policies or () if policy)
