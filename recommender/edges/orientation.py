"""Who opened the connection? The ladder of hubble-quirks 2, decided for each tuple, strongest rung first.

Every flow of a tuple votes for one of its two ends as the client; the strongest vote wins for all flows of the tuple,
so that a measured SYN overrules an assumed `is_reply: false`, and a flow without a vote of its own follows the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.edges.numbers import PLACES
from recommender.model.edge import OrientationReason

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine

SYN: Final = 2
ACK: Final = 16

_RUNGS: Final = (
    # (condition, whether the source is the client, reason)
    (f"protocol = 'TCP' AND has_flags AND tcp_flags & {SYN} > 0 AND tcp_flags & {ACK} = 0", "true", "tcp-flags"),
    (f"protocol = 'TCP' AND has_flags AND tcp_flags & {SYN} > 0 AND tcp_flags & {ACK} > 0", "false", "tcp-flags"),
    ("protocol = 'ICMPv4' AND icmp_type = 0 OR protocol = 'ICMPv6' AND icmp_type = 129", "false", "icmp-type"),
    ("protocol IN ('ICMPv4', 'ICMPv6')", "true", "icmp-type"),
    ("l7_type = 'REQUEST'", "true", "l7-type"),
    ("l7_type = 'RESPONSE'", "false", "l7-type"),
    # On policy verdicts is_reply is assumed, never measured (Cilium decodeIsReply): it comes last below.
    ("is_reply IS NOT NULL AND event_type IS DISTINCT FROM 5", "NOT is_reply", "is-reply"),
    ("trace_reason = 'REPLY'", "false", "trace-reason"),
    ("trace_reason IN ('NEW', 'ESTABLISHED')", "true", "trace-reason"),
    # Only verdicts and drops tell the direction of the connection, and only if the far end is not the own host,
    # which is named `kube-apiserver` where that runs on it.
    (
        """event_type IN (1, 5) AND source_local <> destination_local AND traffic_direction IS NOT NULL
           AND NOT source_on_node AND NOT destination_on_node""",
        "source_local = (traffic_direction = 'EGRESS')",
        "local-end",
    ),
    ("is_reply IS NOT NULL", "NOT is_reply", "is-reply"),
)
_MEASURED: Final = 6
"""Rungs before this one are read off the packet; what follows is what connection tracking made of it."""
_NO_VOTE: Final = 99
_EPHEMERAL: Final = "BETWEEN 32768 AND 60999"  # Linux net.ipv4.ip_local_port_range
_FIRST_EPHEMERAL: Final = 32768
_SEVERAL_PORTS: Final = 3
"""So many ephemeral ports of one peer, all called from one fixed port, are the peer's clients and not its services."""
_MANY_PORTS: Final = 20
"""Where the port numbers say less (clients with a wider `ip_local_port_range`, servers such as gRPC's 50051), it takes
so many ports, and that the fixed one is known to serve."""


def _case(values: list[str], default: str) -> str:
    return "CASE " + " ".join(values) + f" ELSE {default} END"


_RANK = _case([f"WHEN {condition} THEN {rank}" for rank, (condition, _, _) in enumerate(_RUNGS)], str(_NO_VOTE))
_FORWARD = _case([f"WHEN rank = {rank} THEN {forward}" for rank, (_, forward, _) in enumerate(_RUNGS)], "NULL")
_REASON = _case([f"WHEN rank = {rank} THEN '{reason}'" for rank, (_, _, reason) in enumerate(_RUNGS)], "NULL")

_VOTES = f"""
CREATE OR REPLACE TEMP VIEW votes AS
SELECT *, {_FORWARD} AS forward FROM (SELECT *, {_RANK} AS rank FROM tupled)
"""

# `low` is the end that sorts first; a vote is for the source of an unflipped flow or the destination of a flipped one.
# Ends are known here by their place among all, whatever the rank of their name.
# ICMP has no ports, so both ends of a tuple may be clients of the other: each message speaks for itself.
_TUPLES = f"""
CREATE OR REPLACE TEMP TABLE tuples AS
WITH polled AS (
    SELECT tuple_id, any_value(protocol) AS protocol,
           min(CASE WHEN flipped THEN destination_port ELSE source_port END) AS low_port,
           min(CASE WHEN flipped THEN source_port ELSE destination_port END) AS high_port,
           min(CASE WHEN flipped THEN destination_end ELSE source_end END % {PLACES}) AS low_end,
           min(CASE WHEN flipped THEN source_end ELSE destination_end END % {PLACES}) AS high_end,
           min(rank) FILTER (forward IS NOT NULL AND forward <> flipped) AS low_rank,
           min(rank) FILTER (forward IS NOT NULL AND forward = flipped) AS high_rank
    FROM votes GROUP BY tuple_id
)
SELECT *, least(low_rank, high_rank) < {_MEASURED} AS measured,
       CASE WHEN protocol IN ('ICMPv4', 'ICMPv6') THEN 'each'
            WHEN coalesce(low_rank, {_NO_VOTE}) < coalesce(high_rank, {_NO_VOTE}) THEN 'low'
            WHEN coalesce(high_rank, {_NO_VOTE}) < coalesce(low_rank, {_NO_VOTE}) THEN 'high'
            WHEN low_port = high_port AND (low_rank < {_MEASURED} OR low_rank IS NOT NULL AND protocol <> 'TCP')
                THEN 'each'
       END AS client
FROM polled
"""

_KNOWN_SERVERS = """
CREATE OR REPLACE TEMP TABLE known_servers AS
SELECT protocol, end_place, port, bool_or(measured) AS measured FROM (
    SELECT protocol, high_end AS end_place, high_port AS port, measured FROM {tuples} WHERE client = 'low'
    UNION ALL SELECT protocol, low_end, low_port, measured FROM {tuples} WHERE client = 'high'
) WHERE port > 0 GROUP BY ALL
"""

# Replies that connection tracking took for new connections (hubble-quirks 4, 5, 6) claim that a service port called
# an ephemeral one. Without a flag that says so, the claim is not believed if the port is privileged, if its end is
# known to serve it, or if it "called" several such ports; the connection is then turned around. Whatever the numbers,
# a port that is known to serve and "called" many ports of one peer is not believed either.
_TURNED = f"""
CREATE OR REPLACE TEMP TABLE turned AS
WITH claims AS (
    SELECT tuple_id, protocol, 'high' AS server_was,
           low_end AS client_end, low_port AS client_port, high_end AS server_end, high_port AS server_port
    FROM tuples WHERE client = 'low' AND NOT measured
    UNION ALL
    SELECT tuple_id, protocol, 'low', high_end, high_port, low_end, low_port
    FROM tuples WHERE client = 'high' AND NOT measured
), doubtful AS (
    SELECT *, count(DISTINCT server_port) OVER pair AS ports,
           count(DISTINCT server_port) FILTER (server_port >= {_FIRST_EPHEMERAL}) OVER pair AS ephemeral
    FROM claims WHERE client_port > 0 AND server_port >= 1024
    WINDOW pair AS (PARTITION BY protocol, client_end, client_port, server_end)
)
SELECT tuple_id, server_was AS client,
       CASE WHEN k.port IS NOT NULL THEN '{OrientationReason.KNOWN_SERVER_PORT.value}'
            ELSE '{OrientationReason.PORT_NUMBER.value}' END AS reason
FROM doubtful d
LEFT JOIN known_servers k ON k.protocol = d.protocol AND k.end_place = d.client_end AND k.port = d.client_port
LEFT JOIN known_servers m ON m.protocol = d.protocol AND m.end_place = d.server_end AND m.port = d.server_port
     AND m.measured
WHERE m.port IS NULL AND (
    client_port < {_FIRST_EPHEMERAL} AND server_port >= {_FIRST_EPHEMERAL}
        AND (k.port IS NOT NULL OR client_port < 1024 OR ephemeral >= {_SEVERAL_PORTS})
    OR k.port IS NOT NULL AND ports >= {_MANY_PORTS})
"""

_SETTLED_TUPLES = """
CREATE OR REPLACE TEMP VIEW settled_tuples AS
SELECT t.* REPLACE (coalesce(u.client, t.client) AS client)
FROM tuples t LEFT JOIN turned u ON u.tuple_id = t.tuple_id
"""

_PORT_RUNGS: Final = (
    ("low_known AND NOT high_known", "high", OrientationReason.KNOWN_SERVER_PORT),
    ("high_known AND NOT low_known", "low", OrientationReason.KNOWN_SERVER_PORT),
    # A port that was not exported proves nothing, but the one that was may be a server's (hubble-quirks 61).
    (f"low_port = 0 AND high_port BETWEEN 1 AND {_FIRST_EPHEMERAL - 1}", "low", OrientationReason.PORT_NUMBER),
    (f"high_port = 0 AND low_port BETWEEN 1 AND {_FIRST_EPHEMERAL - 1}", "high", OrientationReason.PORT_NUMBER),
    ("0 IN (low_port, high_port)", "NULL", OrientationReason.PORT_NUMBER),
    ("low_port < 1024 AND high_port >= 1024", "high", OrientationReason.PORT_NUMBER),
    ("high_port < 1024 AND low_port >= 1024", "low", OrientationReason.PORT_NUMBER),
    (f"low_port NOT {_EPHEMERAL} AND high_port {_EPHEMERAL}", "high", OrientationReason.PORT_NUMBER),
    (f"high_port NOT {_EPHEMERAL} AND low_port {_EPHEMERAL}", "low", OrientationReason.PORT_NUMBER),
    (f"low_port < high_port AND high_port NOT {_EPHEMERAL}", "high", OrientationReason.PORT_NUMBER),
    (f"high_port < low_port AND low_port NOT {_EPHEMERAL}", "low", OrientationReason.PORT_NUMBER),
)

_PORT_CLIENT = _case([f"WHEN {condition} THEN nullif('{end}', 'NULL')" for condition, end, _ in _PORT_RUNGS], "NULL")
_PORT_REASON = _case([f"WHEN {condition} THEN '{reason.value}'" for condition, _, reason in _PORT_RUNGS], "NULL")

_BY_PORT = f"""
CREATE OR REPLACE TEMP TABLE tuple_clients AS
WITH known AS (
    SELECT t.*, l.port IS NOT NULL AS low_known, h.port IS NOT NULL AS high_known
    FROM settled_tuples t
    LEFT JOIN known_servers l ON l.protocol = t.protocol AND l.end_place = t.low_end AND l.port = t.low_port
    LEFT JOIN known_servers h ON h.protocol = t.protocol AND h.end_place = t.high_end AND h.port = t.high_port
)
SELECT k.tuple_id, coalesce(k.client, {_PORT_CLIENT}) AS client, u.reason IS NOT NULL AS turned,
       CASE WHEN u.reason IS NOT NULL THEN u.reason
            WHEN k.client IS NULL THEN {_PORT_REASON}
            WHEN k.client = 'each' AND NOT k.measured THEN '{OrientationReason.PORT_NUMBER.value}' END AS port_reason
FROM known k LEFT JOIN turned u ON u.tuple_id = k.tuple_id
"""

# An edge needs a server port: a record of which the export kept only the client's is no evidence of one.
_ORIENTED = f"""
CREATE OR REPLACE TEMP VIEW oriented AS
WITH decided AS (
    SELECT v.*, c.port_reason, c.turned,
           CASE c.client WHEN 'low' THEN NOT flipped WHEN 'high' THEN flipped WHEN 'each' THEN coalesce(forward, true)
           END
               AS source_is_client
    FROM votes v JOIN tuple_clients c USING (tuple_id)
)
SELECT * EXCLUDE (source_is_client), source_is_client AS forwards,
       CASE WHEN port_reason IS NOT NULL THEN port_reason
            WHEN forward = source_is_client THEN {_REASON} END AS reason,
       CASE WHEN port_reason IS NOT NULL OR forward IS DISTINCT FROM source_is_client THEN {_NO_VOTE} ELSE rank END
           AS own_rank
FROM decided
WHERE CASE WHEN protocol IN ('ICMPv4', 'ICMPv6') THEN source_is_client IS NOT NULL
           WHEN source_is_client THEN destination_port > 0
           WHEN NOT source_is_client THEN source_port > 0
           ELSE false END
"""


def create_orientation(connection: SqlEngine) -> None:
    """Make the view `oriented` (flows with `forwards`: whether the source is the client) and the tables behind it.

    Flows without a vote, without a known server port and between two ephemeral ports, or without any server port, are
    not in it.
    """
    claimed, settled = (_KNOWN_SERVERS.replace("{tuples}", name) for name in ("tuples", "settled_tuples"))
    for statement in (_VOTES, _TUPLES, claimed, _TURNED, _SETTLED_TUPLES, settled, _BY_PORT, _ORIENTED):
        connection.execute(statement)


def unoriented_examples(connection: SqlEngine) -> tuple[str, ...]:
    """Three flows that could not be oriented, in words."""
    row = connection.execute("""
        SELECT min(s.address || ':' || v.source_port || ' -> ' || d.address || ':' || v.destination_port || ' '
                   || v.protocol || ' on ' || v.node_key, 3)
        FROM votes v
        JOIN address_numbers s ON s.number = v.source_address
        JOIN address_numbers d ON d.number = v.destination_address
        WHERE v.event_id NOT IN (SELECT event_id FROM oriented)
    """).fetchone()
    return tuple(row[0] or ()) if row else ()
