"""Oriented flows to distinct connections: both nodes' records, replies and retransmissions count once."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from recommender.edges.marks import MARKS, marked
from recommender.edges.numbers import ENTITY_NUMBERS, PLACES, RANKS, is_outside, is_service
from recommender.model.edge import OrientationReason, Protocol
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.sql_engine import SqlEngine

SILENCE_NS: Final = 600 * 1_000_000_000
"""A tuple silent for ten minutes and seen again is a new connection (hubble-quirks 9)."""
PROTOCOLS: Final = tuple(Protocol)
"""By the numbers that connections know them by."""
_REASONS: Final = tuple(OrientationReason)
_NUMBERED_PROTOCOL: Final = (
    "CASE protocol " + " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(PROTOCOLS)) + " END"
)
_NUMBERED_REASON: Final = (
    "CASE reason " + " ".join(f"WHEN '{reason}' THEN {place}" for place, reason in enumerate(_REASONS)) + " END"
)
BEST_REASON: Final = (
    f"CASE standing % {len(_REASONS)} "
    + " ".join(f"WHEN {place} THEN '{reason}'" for place, reason in enumerate(_REASONS))
    + f" ELSE '{OrientationReason.MATCHED_CONNECTION}' END"
)
"""The strongest reason why the client of a connection was taken for it, by its `standing`."""


def _by_teller(end: str, *, other: str) -> str:
    """The number of an end behind what its name is worth: who says it comes first, then how telling it is."""
    own, far = (f"CASE WHEN {side}_local THEN {{}} ELSE {{}} END" for side in (end, other))
    return f"{far.format(0, 2 * RANKS * PLACES)} + {own.format(RANKS * PLACES, 0)} + {end}_end"


# Client and server columns for flows whichever way they ran. A view: written, it would be the largest table of all.
_SIDED = f"""
CREATE OR REPLACE TEMP VIEW sided AS
WITH by_side AS (
    SELECT * REPLACE (coalesce(egress_allowed_by, []) AS egress_allowed_by,
                      coalesce(ingress_allowed_by, []) AS ingress_allowed_by),
           CASE WHEN forwards THEN source_address ELSE destination_address END AS client_ip,
           CASE WHEN forwards THEN destination_address ELSE source_address END AS server_ip,
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
           -- Which side's policy spoke, if this is a policy verdict on a pod and not on the host (hubble-quirks 33).
           -- What a policy says of a reply that was taken for a new connection is no word on the connection (4).
           CASE WHEN NOT forwards OR event_type IS NULL OR event_type NOT IN (1, 5) THEN NULL
                WHEN traffic_direction = 'EGRESS' THEN CASE WHEN source_kind = 'workload' THEN 'egress' ELSE 'host' END
                WHEN traffic_direction = 'INGRESS' THEN
                     CASE WHEN destination_kind = 'workload' THEN 'ingress' ELSE 'host' END
                ELSE 'unknown' END AS judged
    FROM oriented
)
SELECT event_id, hash(tuple_id, client_ip) AS call_id, (t // {SILENCE_NS})::INTEGER AS bucket, t, protocol,
       client_ip, server_ip, server_port, {_by_teller("client", other="server")} AS client_named,
       {_by_teller("server", other="client")} AS server_named, client_pod, server_pod, client_local, server_local,
       n.number AS node, {MARKS} AS marks, (own_rank * {len(_REASONS)} + {_NUMBERED_REASON})::SMALLINT AS standing,
       events, service, forwards, server_names, any_names, egress_allowed_by, ingress_allowed_by, verdict,
       traffic_direction, l7_type, l7_protocol, http_method, http_path, http_code
FROM by_side LEFT JOIN node_numbers n ON n.node = by_side.node_key
"""

# Gaps inside ten minutes of the clock cannot exceed ten minutes, so what a call shows in them is of one connection.
# This is the one statement that takes in all flows of all connections; everything after it reads what it leaves.
_FOLDED_BUCKETS = f"""
CREATE OR REPLACE TEMP TABLE folded_buckets AS
SELECT call_id, bucket, any_value({_NUMBERED_PROTOCOL})::TINYINT AS protocol,
       min(client_ip) AS client_ip, min(server_ip) AS server_ip, min(server_port) AS server_port,
       min(client_named) AS client_named, min(server_named) AS server_named,
       min(client_pod) AS client_pod, min(server_pod) AS server_pod,
       min(CASE WHEN client_local THEN node END) AS client_node,
       min(CASE WHEN server_local THEN node END) AS server_node,
       min(t) AS first_t, max(t) AS last_t, count(*)::INTEGER AS records, sum(events)::BIGINT AS flows,
       min(event_id) AS event_id, min(standing) AS standing, bit_or(marks) AS marks, min(service) AS service,
       min(CASE WHEN client_local AND {marked("opening")} THEN t END) AS client_opening,
       min(CASE WHEN server_local AND {marked("opening")} THEN t END) AS server_opening
FROM sided GROUP BY call_id, bucket
"""

# A tuple silent for ten minutes and seen again is a new connection. Most calls are seen in one bucket alone.
_BUCKETS = f"""
CREATE OR REPLACE TEMP TABLE buckets AS
WITH opened AS (
    SELECT call_id, bucket, CASE WHEN first_t - lag(last_t) OVER w <= {SILENCE_NS} THEN 0 ELSE 1 END AS opens
    FROM folded_buckets WINDOW w AS (PARTITION BY call_id ORDER BY bucket)
)
SELECT call_id, bucket,
       hash(call_id, sum(opens) OVER (PARTITION BY call_id ORDER BY bucket ROWS UNBOUNDED PRECEDING)) AS connection_id,
       opens = 1 AND coalesce(lead(opens) OVER (PARTITION BY call_id ORDER BY bucket), 1) = 1 AS alone
FROM opened
"""

_KEPT: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("protocol", "client_ip", "server_ip", "server_port", "client_named", "server_named"), "min")
    | dict.fromkeys(("client_pod", "server_pod", "client_node", "server_node", "first_t"), "min")
    | {"last_t": "max", "flows": "sum", "event_id": "min", "standing": "min", "marks": "bit_or", "service": "min"}
)
"""What a connection has of its buckets, and how several make one."""

# The node that enforces decides how the far end is called, and of its names the most telling one (hubble-quirks 32):
# replies may flip to the world (36). A node's address under the name of the world is a node's after all: as a client it
# is somebody outside whose address was translated, as a server the node itself (30, 48). No rule may name a node by its
# address.
_FOLDED = f"""
CREATE OR REPLACE TEMP TABLE folded_connections AS
WITH parts AS (
    SELECT * FROM folded_buckets JOIN buckets USING (call_id, bucket)
), folded AS (
    SELECT connection_id, call_id, {", ".join(_KEPT)} FROM parts WHERE alone
    UNION ALL
    SELECT connection_id, any_value(call_id), {", ".join(f"{how}({name})" for name, how in _KEPT.items())}
    FROM parts WHERE NOT alone GROUP BY connection_id
), of_nodes AS (
    SELECT number FROM address_numbers JOIN node_addresses USING (address)
), named AS (
    SELECT * EXCLUDE (client_named, server_named), client_named % {RANKS * PLACES} AS client_end,
           server_named % {RANKS * PLACES} AS server_end
    FROM folded
)
SELECT * REPLACE (
    CASE WHEN {is_outside("client_end")} AND client_ip IN (SELECT number FROM of_nodes)
         THEN {ENTITY_NUMBERS[Entity.WORLD]} ELSE client_end END AS client_end,
    CASE WHEN {is_outside("server_end")} AND server_ip IN (SELECT number FROM of_nodes)
         THEN {ENTITY_NUMBERS[Entity.REMOTE_NODE]} ELSE server_end END AS server_end)
FROM named
"""

# Most flows name no policy and no outside name: what few do is kept apart from what all have.
_ALLOWING = f"""
CREATE OR REPLACE TEMP TABLE allowing AS
SELECT DISTINCT call_id, bucket, egress_allowed_by, ingress_allowed_by, {marked("broad")} AS broad
FROM sided WHERE len(egress_allowed_by) > 0 OR len(ingress_allowed_by) > 0
"""
_POLICIES = """
CREATE OR REPLACE TEMP TABLE connection_policies AS
SELECT connection_id, policy, bool_or(side = 'egress') AS egress, bool_or(side = 'ingress') AS ingress,
       bool_or(broad) AS broad
FROM (
    SELECT call_id, bucket, unnest(egress_allowed_by) AS policy, 'egress' AS side, broad FROM allowing
    UNION ALL
    SELECT call_id, bucket, unnest(ingress_allowed_by), 'ingress', broad FROM allowing
) JOIN buckets USING (call_id, bucket)
GROUP BY connection_id, policy
"""
# `any_names` says nothing more, but can be asked of a flow before anything else is known of it.
_RECORDED_NAMES = """
CREATE OR REPLACE TEMP TABLE recorded_names AS
SELECT DISTINCT connection_id, lower(name) AS name
FROM (SELECT call_id, bucket, unnest(server_names) AS name FROM sided
      WHERE any_names IS NOT NULL AND server_names IS NOT NULL)
JOIN buckets USING (call_id, bucket)
"""

# A service that stands for several backends is asked for all of them; nobody calls from one.
_FANNED = f"""
CREATE OR REPLACE TEMP TABLE folded_connections AS
SELECT c.* REPLACE (coalesce(f.end_number, c.server_end) AS server_end,
                    coalesce(f.target_port, c.server_port) AS server_port)
FROM folded_connections c LEFT JOIN numbered_fans f ON c.server_end = f.fan_number
WHERE NOT coalesce({is_service("c.client_end")}, false)
"""

_SERVICES_AS_ENDS = f"""
SELECT count(*) FROM folded_connections WHERE {is_service("client_end")} OR {is_service("server_end")}
"""

# A view: texts are many times as wide as the numbers, and each reader needs few of them.
_CONNECTIONS = f"""
CREATE OR REPLACE TEMP VIEW connections AS
SELECT c.connection_id, c.call_id, ca.address AS client_ip, sa.address AS server_ip, ce.end_key AS client_end,
       se.end_key AS server_end, cp.pod AS client_pod, c.first_t, {marked("opened")} AS opened,
       {marked("flagged")} AS flagged
FROM folded_connections c
LEFT JOIN address_numbers ca ON ca.number = c.client_ip
LEFT JOIN address_numbers sa ON sa.number = c.server_ip
LEFT JOIN end_names ce ON ce.number = c.client_end
LEFT JOIN end_names se ON se.number = c.server_end
LEFT JOIN pod_numbers cp ON cp.number = c.client_pod
"""

_ACTIVE = """
CREATE OR REPLACE TEMP TABLE active_buckets AS
SELECT connection_id, bucket FROM buckets
"""


def create_connections(connection: SqlEngine) -> int:
    """Make `connections` (ends as the enforcing side names them) and `active_buckets` (their ten-minute spans).

    `folded_connections` is the same by numbers; `connection_policies` has the policies that allowed some of them,
    `recorded_names` what Hubble called some servers. Leaves the view `sided` (oriented flows by client and server),
    `folded_buckets` (calls by ten minutes) and `buckets`, which lead to connections. Returns how many flows were
    oriented.
    """
    for statement in (_SIDED, _FOLDED_BUCKETS, _BUCKETS, _FOLDED, _ALLOWING, _POLICIES, _RECORDED_NAMES, _ACTIVE):
        connection.execute(statement)
    # Services of several backends are rare, and the table is large: it is only written anew where there are any.
    if connection.execute(_SERVICES_AS_ENDS).fetchone() != (0,):
        connection.execute(_FANNED)
    connection.execute(_CONNECTIONS)
    row = connection.execute("SELECT coalesce(sum(records), 0)::BIGINT FROM folded_buckets").fetchone()
    return int(row[0]) if row else 0


def drop_buckets(connection: SqlEngine) -> None:
    """Let go of what only connections were made of."""
    connection.execute("DROP TABLE IF EXISTS folded_buckets")
    connection.execute("DROP TABLE IF EXISTS buckets")
    connection.execute("DROP TABLE IF EXISTS allowing")
