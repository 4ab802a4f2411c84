"""Connections to edges with evidence."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

from recommender.edges.connections import SILENCE_NS
from recommender.edges.http_requests import read_http_evidence
from recommender.edges.records import fetch_records
from recommender.model.edge import (
    AddressEnd,
    Edge,
    End,
    EntityEnd,
    Evidence,
    FqdnEnd,
    OrientationReason,
    Protocol,
    VerdictMix,
)
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.edges.http_requests import EdgeKey
    from recommender.model.http_request import HttpEvidence
    from recommender.model.sql_engine import SqlEngine

MAX_EXTERNAL_CLIENTS: Final = 8
"""More outside addresses than this on one server port are the world: a public service, not a list of partners."""
MAX_ADDRESSES: Final = 256
BUCKETS_AN_HOUR: Final = 6
_REASONS: Final = tuple(OrientationReason)

_CROWDED = f"""
CREATE OR REPLACE TEMP TABLE crowded AS
SELECT server_end, protocol, server_port FROM connections WHERE client_end LIKE 'a\x1f%' AND first_t < {{until}}
GROUP BY ALL HAVING count(DISTINCT client_ip) > {MAX_EXTERNAL_CLIENTS}
"""

# A view: written down, it would be a second copy of the widest table, and each reader needs a few columns only.
_NAMED_ENDS = """
CREATE OR REPLACE TEMP VIEW edge_connections AS
WITH begun AS (
    SELECT * REPLACE (least(last_t, {until} - 1) AS last_t) FROM connections WHERE first_t < {until}
)
SELECT c.*,
       CASE WHEN c.client_end LIKE 'a\x1f%' AND w.server_end IS NOT NULL THEN 'e\x1fworld' ELSE c.client_end END
           AS client,
       CASE WHEN n.name IS NOT NULL THEN 'f\x1f' || n.name ELSE c.server_end END AS server, n.names
FROM begun c
LEFT JOIN crowded w ON w.server_end = c.server_end AND w.protocol = c.protocol AND w.server_port = c.server_port
LEFT JOIN connection_names n ON n.connection_id = c.connection_id
"""

_ACTIVITY = f"""
CREATE OR REPLACE TEMP TABLE edge_activity AS
WITH seen AS (
    SELECT DISTINCT client, server, protocol, server_port, bucket // {BUCKETS_AN_HOUR} AS hour
    FROM edge_connections JOIN active_buckets USING (connection_id)
    WHERE bucket * {SILENCE_NS} < {{until}}
)
SELECT client, server, protocol, server_port, count(*) AS hours,
       count(DISTINCT hour // 6) AS six_hours, count(DISTINCT hour // 24) AS days,
       bitstring_agg(hour - {{first}}, 0, {{last}}) FILTER (hour BETWEEN {{first}} AND {{first}} + {{last}})::BLOB
           AS activity
FROM seen GROUP BY ALL
"""


_EDGES = f"""
WITH judged AS (
    SELECT *, coalesce(best_reason, 'matched-connection') AS reason,
           CASE WHEN explicit THEN 'explicit' WHEN dropped THEN 'denied' WHEN audited THEN 'audited'
                WHEN allowed THEN 'allowed' ELSE 'none' END AS verdict
    FROM edge_connections
), reasons AS (
    SELECT client, server, protocol, server_port, map_from_entries(list((reason, n))) AS reasons
    FROM (SELECT client, server, protocol, server_port, reason, count(*) AS n FROM judged GROUP BY ALL) GROUP BY ALL
), allowing AS (
    SELECT client, server, protocol, server_port,
           list_sort(list_distinct(list(policy) FILTER (egress))) AS egress_policies,
           list_sort(list_distinct(list(policy) FILTER (ingress))) AS ingress_policies,
           list_sort(list_distinct(list(policy) FILTER (broad))) AS broad_policies
    FROM connection_policies JOIN (SELECT connection_id, client, server, protocol, server_port FROM edge_connections)
         USING (connection_id)
    GROUP BY client, server, protocol, server_port
), summed AS (
    SELECT client, server, protocol, server_port, count(*) AS connections, sum(flows)::BIGINT AS flows,
           count(*) FILTER (answered) AS answered, count(*) FILTER (reset AND NOT answered) AS refused,
           count(*) FILTER (flagged AND NOT opened) AS unopened,
           count(*) FILTER (turned) AS turned_around, count(*) FILTER (from_own_node) AS from_own_node,
           count(DISTINCT client_pod) AS client_pods, count(DISTINCT server_pod) AS server_pods,
           count(DISTINCT client_node) AS client_nodes, count(DISTINCT server_node) AS server_nodes,
           count(*) FILTER (client_node IS NOT NULL AND server_node IS NOT NULL) AS both_sides,
           min(first_t) AS first_seen, max(last_t) AS last_seen,
           count(*) FILTER (verdict = 'explicit') AS explicitly_denied, count(*) FILTER (verdict = 'denied') AS denied,
           count(*) FILTER (verdict = 'audited') AS audited, count(*) FILTER (verdict = 'allowed') AS allowed_by_policy,
           count(*) FILTER (verdict = 'none') AS no_verdict,
           count(*) FILTER (egress_judged) AS egress_verdicts, count(*) FILTER (ingress_judged) AS ingress_verdicts,
           count(*) FILTER (egress_allowed) AS egress_allowed, count(*) FILTER (ingress_allowed) AS ingress_allowed,
           count(*) FILTER (broad) AS broad_matches,
           list_sort(list_distinct(flatten(list(names) FILTER (names IS NOT NULL)))) AS names,
           list_sort(list_distinct(list(client_ip) FILTER (client_end NOT LIKE 'w\x1f%')))[:{MAX_ADDRESSES}]
               AS client_addresses,
           list_sort(list_distinct(list(server_ip) FILTER (server_end NOT LIKE 'w\x1f%')))[:{MAX_ADDRESSES}]
               AS server_addresses,
           list_sort(list_distinct(list(service) FILTER (service IS NOT NULL))) AS services,
           min(uuid, 3) AS sample_uuids
    FROM judged GROUP BY ALL
)
SELECT s.*, a.hours, a.six_hours, a.days, a.activity, r.reasons, p.egress_policies, p.ingress_policies,
       p.broad_policies
FROM summed s
JOIN edge_activity a USING (client, server, protocol, server_port)
JOIN reasons r USING (client, server, protocol, server_port)
LEFT JOIN allowing p USING (client, server, protocol, server_port)
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
    connection.execute(_NAMED_ENDS.format(until=until))
    connection.execute(_ACTIVITY.format(until=until, first=first_hour, last=last))
    http = read_http_evidence(connection)
    records = fetch_records(connection, _EDGES)
    return tuple(sorted((_edge(record, ends, http) for record in records), key=lambda edge: edge.sort_key))


def _edge(record: dict[str, Any], ends: Mapping[str, End], http: Mapping[EdgeKey, HttpEvidence]) -> Edge:
    key = (record["client"], record["server"], record["protocol"], record["server_port"])
    return Edge(
        client=_end(record["client"], ends),
        server=_end(record["server"], ends),
        protocol=Protocol(record["protocol"]),
        port=record["server_port"],
        evidence=_evidence(record, http.get(key)),
    )


def _end(key: str, ends: Mapping[str, End]) -> End:
    if key.startswith("a\x1f"):
        return AddressEnd(address=key[2:])
    if key.startswith("f\x1f"):
        return FqdnEnd(name=key[2:])
    if key.startswith("e\x1f"):
        return EntityEnd(entity=Entity(key[2:]))
    return ends[key]


def _evidence(record: dict[str, Any], http: HttpEvidence | None) -> Evidence:
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
        sample_uuids=tuple(record["sample_uuids"] or ()),
        http=http,
    )


def _named(policies: list[str] | None) -> tuple[str, ...]:
    return tuple(policy for policy in policies or () if policy)
