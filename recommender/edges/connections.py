"""Oriented flows to distinct connections: both nodes' records, replies and retransmissions count once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine

SILENCE_NS: Final = 600 * 1_000_000_000
"""A tuple silent for ten minutes and seen again is a new connection (hubble-quirks 9)."""
RST: Final = 4

# Client and server columns for flows whichever way they ran.
_SIDED = """
CREATE OR REPLACE TEMP TABLE sided AS
SELECT event_id, tuple_id, forwards, turned, t, node_key, protocol, uuid, events, reason, own_rank, event_type,
       verdict, drop_reason, policy_match_type, deniers, tcp_flags, has_flags, l7_type, is_reply,
       CASE WHEN forwards THEN source_ip ELSE destination_ip END AS client_ip, hash(tuple_id, client_ip) AS call_id,
       CASE WHEN forwards THEN destination_ip ELSE source_ip END AS server_ip,
       CASE WHEN forwards THEN source_end ELSE destination_end END AS client_end,
       CASE WHEN forwards THEN destination_end ELSE source_end END AS server_end,
       CASE WHEN forwards THEN source_pod ELSE destination_pod END AS client_pod,
       CASE WHEN forwards THEN destination_pod ELSE source_pod END AS server_pod,
       CASE WHEN forwards THEN source_local ELSE destination_local END AS client_local,
       CASE WHEN forwards THEN destination_local ELSE source_local END AS server_local,
       CASE WHEN forwards THEN source_own_host AND destination_local
            ELSE destination_own_host AND source_local END AS from_own_node,
       CASE WHEN protocol = 'ICMPv4' AND icmp_type = 0 THEN 8
            WHEN protocol = 'ICMPv6' AND icmp_type = 129 THEN 128
            WHEN protocol IN ('ICMPv4', 'ICMPv6') THEN icmp_type
            WHEN forwards THEN destination_port ELSE source_port END AS server_port,
       CASE WHEN forwards THEN destination_names ELSE source_names END AS server_names,
       CASE WHEN forwards THEN destination_service ELSE source_service END AS service,
       coalesce(egress_allowed_by, []) AS egress_allowed_by, coalesce(ingress_allowed_by, []) AS ingress_allowed_by,
       -- Which side's policy spoke, if this is a policy verdict on a pod and not on the host (hubble-quirks 33). What a
       -- policy says of a reply that was taken for a new connection is no word on the connection (4).
       CASE WHEN NOT forwards OR event_type IS NULL OR event_type NOT IN (1, 5) THEN NULL
            WHEN traffic_direction = 'EGRESS' THEN CASE WHEN source_kind = 'workload' THEN 'egress' ELSE 'host' END
            WHEN traffic_direction = 'INGRESS' THEN
                 CASE WHEN destination_kind = 'workload' THEN 'ingress' ELSE 'host' END
            ELSE 'unknown' END AS judged,
       t // {silence} AS bucket
FROM oriented
"""

# Gaps inside one ten-minute bucket cannot exceed ten minutes, so a bucket of a tuple lies in exactly one connection.
_BUCKETS = """
CREATE OR REPLACE TEMP TABLE buckets AS
WITH spans AS (
    SELECT call_id, bucket, min(t) AS first_t, max(t) AS last_t FROM sided GROUP BY call_id, bucket
), opened AS (
    SELECT *, CASE WHEN first_t - lag(last_t) OVER w <= {silence} THEN 0 ELSE 1 END AS opens
    FROM spans WINDOW w AS (PARTITION BY call_id ORDER BY bucket)
)
SELECT call_id, bucket,
       hash(call_id, sum(opens) OVER (PARTITION BY call_id ORDER BY bucket ROWS UNBOUNDED PRECEDING)) AS connection_id
FROM opened
"""

_NAMES: Final = (
    "w\x1f%",
    "e\x1fkube-apiserver",
    "e\x1fingress",
    "e\x1fhealth",
    "e\x1fhost",
    "e\x1fremote-node",
    "a\x1f%",
)
"""How an end may be called, the most telling name first; outside parties come last but for the bare world."""
_NAME_RANK: Final = (
    "CASE " + " ".join(f"WHEN {{end}} LIKE '{name}' THEN {rank}" for rank, name in enumerate(_NAMES)) + " ELSE 9 END"
)

_BROAD: Final = (
    "judged <> 'host' AND verdict IN ('FORWARDED', 'REDIRECTED') AND coalesce(policy_match_type, 0) IN (1, 3, 4)"
)
"""Allowed by a rule without ports, without peers, or without both (hubble-quirks 58)."""


def _always_allowed(side: str) -> str:
    """Whether a rule of this side's policies allowed the connection, and none of its verdicts there said otherwise."""
    return (
        f"coalesce(bool_or(judged = '{side}' AND verdict IN ('FORWARDED', 'REDIRECTED')"
        f" AND (coalesce(policy_match_type, 0) > 0 OR len({side}_allowed_by) > 0))"
        f" AND NOT bool_or(judged = '{side}' AND verdict NOT IN ('FORWARDED', 'REDIRECTED')), false)"
    )


def _all_of(lists: str, condition: str = "true") -> str:
    """The different elements of a column of lists, most of which are empty or null; null if all of them are."""
    return f"list_distinct(flatten(list({lists}) FILTER (len({lists}) > 0 AND {condition})))"


def _most_telling(end: str, *, other: str) -> str:
    """The first name of an end by who says it, how telling it is, and the name itself; one text is fast to compare."""
    rank = _NAME_RANK.format(end=f"{end}_end")
    return f"substr(min((NOT {other}_local)::INT || '' || {end}_local::INT || ({rank}) || {end}_end), 4)"


# A node's address under the name of the world is a node's after all: as a client it is somebody outside whose address
# was translated, as a server the node itself (hubble-quirks 30, 48). No rule may name a node by its address.
_CONNECTIONS = f"""
CREATE OR REPLACE TEMP TABLE connections AS
SELECT * REPLACE (
    CASE WHEN client_end LIKE 'a\x1f%' AND client_ip IN (SELECT address FROM node_addresses)
         THEN 'e\x1fworld' ELSE client_end END AS client_end,
    CASE WHEN server_end LIKE 'a\x1f%' AND server_ip IN (SELECT address FROM node_addresses)
         THEN 'e\x1fremote-node' ELSE server_end END AS server_end)
FROM (
SELECT connection_id, any_value(tuple_id) AS tuple_id, any_value(protocol) AS protocol,
       min(client_ip) AS client_ip, min(server_ip) AS server_ip, min(server_port) AS server_port,
       -- The node that enforces decides how the far end is called, and of its names the most telling one (hubble-quirks
       -- 32): replies may flip to the world (36).
       {_most_telling("client", other="server")} AS client_end,
       {_most_telling("server", other="client")} AS server_end,
       min(client_pod) AS client_pod, min(server_pod) AS server_pod,
       min(node_key) FILTER (client_local) AS client_node, min(node_key) FILTER (server_local) AS server_node,
       min(t) AS first_t, max(t) AS last_t, sum(events) AS flows, min(uuid) AS uuid,
       min(own_rank) AS best_rank, arg_min(reason, own_rank) AS best_reason,
       bool_or(NOT forwards AND NOT (has_flags AND tcp_flags & {RST} > 0)
               OR forwards AND protocol = 'TCP' AND has_flags AND tcp_flags & 16 > 0 AND tcp_flags & {RST | 2} = 0
               OR coalesce(l7_type = 'REQUEST' AND protocol = 'TCP' AND verdict IN ('FORWARDED', 'REDIRECTED'), false))
           AS answered,
       bool_or(NOT forwards AND has_flags AND tcp_flags & {RST} > 0) AS reset,
       bool_or(turned) AS turned, bool_or(from_own_node) AS from_own_node,
       bool_or(judged <> 'host' AND (verdict = 'AUDIT' AND coalesce(policy_match_type, 0) > 0
               OR deniers > 0 AND verdict IN ('AUDIT', 'DROPPED')
               OR drop_reason IN ('POLICY_DENY', '181'))) AS explicit,
       bool_or(forwards AND verdict = 'DROPPED' AND l7_type IS NULL) AS dropped,
       bool_or(judged <> 'host' AND verdict = 'AUDIT') AS audited,
       bool_or(judged <> 'host' AND verdict IN ('FORWARDED', 'REDIRECTED')
               AND (coalesce(policy_match_type, 0) > 0 OR len(egress_allowed_by) + len(ingress_allowed_by) > 0))
           AS allowed,
       bool_or(forwards AND (has_flags AND tcp_flags & 2 > 0 OR coalesce(event_type = 5, false))) AS opened,
       bool_or(protocol = 'TCP' AND has_flags AND l7_type IS NULL) AS flagged,
       bool_or(l7_type IS NULL) AS packets,
       bool_or(judged = 'egress') AS egress_judged, bool_or(judged = 'ingress') AS ingress_judged,
       {_always_allowed("egress")} AS egress_allowed,
       {_always_allowed("ingress")} AS ingress_allowed,
       bool_or({_BROAD}) AS broad,
       {_all_of("egress_allowed_by")} AS egress_allowed_by, {_all_of("ingress_allowed_by")} AS ingress_allowed_by,
       {_all_of("list_concat(egress_allowed_by, ingress_allowed_by)", _BROAD)} AS broad_allowed_by,
       {_all_of("server_names")} AS server_names, min(service) AS service
FROM sided JOIN buckets USING (call_id, bucket)
GROUP BY connection_id
)
"""

# A service that stands for several backends is asked for all of them; nobody calls from one.
_FANNED = """
CREATE OR REPLACE TEMP TABLE connections AS
SELECT c.* REPLACE (coalesce(f.end_key, c.server_end) AS server_end,
                    coalesce(f.target_port, c.server_port) AS server_port)
FROM connections c LEFT JOIN service_fans f ON c.server_end = f.fan_key
WHERE NOT starts_with(c.client_end, 's\x1f')
"""

_SERVICES_AS_ENDS = """
SELECT count(*) FROM connections WHERE starts_with(client_end, 's\x1f') OR starts_with(server_end, 's\x1f')
"""

_ACTIVE = """
CREATE OR REPLACE TEMP TABLE active_buckets AS
SELECT connection_id, bucket FROM buckets
"""


def create_sides(connection: SqlEngine) -> int:
    """Make `sided`, the one table with a row a flow: oriented flows by client and server; returns how many."""
    connection.execute(_SIDED.replace("{silence}", str(SILENCE_NS)))
    row = connection.execute("SELECT count(*) FROM sided").fetchone()
    return int(row[0]) if row else 0


def create_connections(connection: SqlEngine) -> None:
    """Make `connections` (ends as the enforcing side names them) and `active_buckets` (their ten-minute spans).

    Leaves `sided` and `buckets`, which lead from a flow to its connection, until `drop_flow_tables`.
    """
    for statement in (_BUCKETS, _CONNECTIONS, _ACTIVE):
        connection.execute(statement.replace("{silence}", str(SILENCE_NS)))
    # Services of several backends are rare, and the table is large: it is only written anew where there are any.
    if connection.execute(_SERVICES_AS_ENDS).fetchone() != (0,):
        connection.execute(_FANNED)


def drop_flow_tables(connection: SqlEngine) -> None:
    """Let go of the last tables that hold a row a flow."""
    connection.execute("DROP TABLE IF EXISTS sided")
