"""What kind of traffic is each flow? Every stored flow falls into exactly one class."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from recommender.edges.addresses import REUSE_NS
from recommender.edges.numbers import ENTITY_NUMBERS, is_service, is_workload, outside
from recommender.model.capture import ClassCount, FlowClass
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine

_POLICY_DROPS: Final = "('POLICY_DENIED', 'POLICY_DENY', 'AUTH_REQUIRED', '133', '181', '189')"
HAIRPIN_ADDRESS: Final = "169.254.42.1"
"""Source of a pod that reaches itself through its own service (Cilium `ipv4-service-loopback-address`, its default)."""
_PORTED: Final = "('TCP', 'UDP', 'SCTP')"
_EXAMPLES: Final = 3
_EXAMPLES_LOOKED_AT: Final = 64
"""Many records read alike; three different ones are found among the so many with the least ids."""


def _side(side: str, other: str) -> str:
    """Columns that name one side: as the endpoint says, else by what is known of its address.

    An identity may be lost (hubble-quirks 30), not yet given (35), or that of a service before translation (44). Cilium
    then shows the world, or the prefix of some policy, which says nothing of the pod that holds the address.
    """
    alias, service, span = side[0], f"{side[0]}_service", f"{side[0]}_span"
    backend, address = f"{side[0]}_tuple", f"{side[0]}_address"
    unnamed = f"({alias}.kind IS NULL OR {alias}.kind IN ('external', 'unknown'))"
    lost = f"({unnamed} OR {alias}.entity = 'init')"
    led = f"coalesce({backend}.end_number, {service}.end_number)"
    held = f"coalesce({address}.end_number, {span}.end_number)"
    return f"""
    CASE WHEN {unnamed} AND ({is_workload(led)} OR {is_service(led)}) THEN 'workload'
         WHEN {unnamed} AND {led} IS NOT NULL THEN 'entity'
         WHEN {unnamed} AND (f.{side}_service IS NOT NULL OR {address}.service)
              AND {other}.kind = 'workload' THEN 'service'
         WHEN {lost} AND {held} IS NOT NULL THEN 'workload'
         WHEN {unnamed} AND {address}.shared THEN 'unknown'
         WHEN {alias}.kind = 'external' AND {address}.apiserver THEN 'entity'
         ELSE coalesce({alias}.kind, 'unknown') END AS {side}_kind,
    CASE WHEN {unnamed} AND {led} IS NOT NULL THEN {led}
         WHEN {lost} AND {held} IS NOT NULL THEN {held}
         WHEN {alias}.kind = 'external' AND {address}.apiserver
              THEN {ENTITY_NUMBERS[Entity.KUBE_APISERVER]}
         WHEN {alias}.kind = 'external' THEN {outside(f"{address}.number")}
         ELSE {alias}.end_number END AS {side}_end,
    CASE WHEN {unnamed} AND {led} IS NOT NULL THEN coalesce({backend}.target_port, {service}.target_port)
         ELSE coalesce(f.{side}_port, 0) END AS {side}_policy_port,
    CASE WHEN {unnamed} AND {backend}.end_number IS NOT NULL THEN {backend}.target_address ELSE {address}.number END
        AS {side}_address,
    CASE WHEN {lost} AND {held} IS NOT NULL THEN '' ELSE coalesce({alias}.entity, '') END AS {side}_entity,
    coalesce({address}.multicast, false) AS {side}_multicast, coalesce({address}.placeless, false) AS {side}_placeless,
    coalesce({alias}.local, false) AS {side}_local,
    coalesce({alias}.on_node, false) AS {side}_on_node,
    coalesce({alias}.own_host, false) AS {side}_own_host,
    CASE WHEN {alias}.kind = 'workload' THEN {alias}.pod_number
         WHEN {lost} THEN coalesce({address}.pod_number, {span}.pod_number) END AS {side}_pod"""


_CLASSIFIED = f"""
CREATE OR REPLACE TEMP VIEW named AS
SELECT f.*, epoch_ns(f.time) AS t, coalesce(f.cluster || '/', '') || coalesce(f.node, '') AS node_key,
{_side("source", "d")},
{_side("destination", "s")}
FROM flows f
LEFT JOIN numbered_ends s ON f.source_endpoint = s.endpoint_id
LEFT JOIN numbered_ends d ON f.destination_endpoint = d.endpoint_id
LEFT JOIN numbered_addresses s_address ON s_address.address = f.source_ip
LEFT JOIN numbered_addresses d_address ON d_address.address = f.destination_ip
LEFT JOIN numbered_spans s_span ON s_span.address = f.source_ip AND s_span.span = epoch_ns(f.time) // {REUSE_NS}
LEFT JOIN numbered_spans d_span ON d_span.address = f.destination_ip AND d_span.span = epoch_ns(f.time) // {REUSE_NS}
LEFT JOIN numbered_tuples s_tuple ON s_tuple.protocol = f.protocol AND s_tuple.client_ip = f.destination_ip
     AND s_tuple.client_port = f.destination_port AND s_tuple.address = f.source_ip AND s_tuple.port = f.source_port
LEFT JOIN numbered_tuples d_tuple ON d_tuple.protocol = f.protocol AND d_tuple.client_ip = f.source_ip
     AND d_tuple.client_port = f.source_port AND d_tuple.address = f.destination_ip
     AND d_tuple.port = f.destination_port
LEFT JOIN numbered_backends s_service ON s_service.address = f.source_ip AND s_service.port = f.source_port
     AND s_service.protocol = f.protocol
LEFT JOIN numbered_backends d_service ON d_service.address = f.destination_ip AND d_service.port = f.destination_port
     AND d_service.protocol = f.protocol
"""

_CLASS_CASE = f"""
CASE
    WHEN type = 'SOCK' OR event_type = 7 OR sock_xlate_point IS NOT NULL THEN 'socket'
    WHEN source_ip IS NULL OR destination_ip IS NULL OR protocol IS NULL THEN 'non-ip'
    WHEN protocol = 'ICMPv6' AND icmp_type BETWEEN 130 AND 137 OR protocol = 'ICMPv6' AND icmp_type = 143
        THEN 'neighbour-discovery'
    WHEN protocol NOT IN ('TCP', 'UDP', 'SCTP', 'ICMPv4', 'ICMPv6') AND 'workload' IN (source_kind, destination_kind)
        THEN 'inexpressible'
    WHEN trace_reason = 'RELATED' OR protocol = 'ICMPv4' AND icmp_type IN (3, 4, 5, 11, 12)
         OR protocol = 'ICMPv6' AND icmp_type BETWEEN 1 AND 4 THEN 'icmp-error'
    WHEN destination_multicast OR destination_placeless OR source_placeless
         OR protocol = 'UDP' AND (source_port IN (67, 68, 546, 547) AND destination_port IN (67, 68, 546, 547))
        THEN 'multicast'
    WHEN source_entity = 'health' OR destination_entity = 'health' THEN 'health'
    WHEN source_kind NOT IN ('workload', 'service') AND destination_kind NOT IN ('workload', 'service')
         AND protocol = 'UDP' AND (destination_port IN (8472, 6081, 51871) OR source_port IN (8472, 6081, 51871))
        THEN 'underlay'
    WHEN source_kind NOT IN ('workload', 'service') AND destination_kind NOT IN ('workload', 'service')
         AND 4240 IN (source_port, destination_port) THEN 'health'
    WHEN source_entity = 'init' OR destination_entity = 'init' THEN 'init'
    WHEN verdict = 'ERROR' OR verdict = 'DROPPED' AND drop_reason IS NOT NULL AND drop_reason NOT IN {_POLICY_DROPS}
         OR protocol = 'ICMPv4' AND icmp_type NOT IN (0, 8) OR protocol = 'ICMPv6' AND icmp_type NOT IN (128, 129)
        THEN 'not-demand'
    WHEN '{HAIRPIN_ADDRESS}' IN (source_ip, destination_ip) AND 'workload' IN (source_kind, destination_kind)
        THEN 'loopback'
    WHEN source_kind IN ('unknown', 'service') OR destination_kind IN ('unknown', 'service') THEN 'unresolved'
    WHEN source_kind <> 'workload' AND destination_kind <> 'workload' THEN 'host'
    WHEN source_ip = destination_ip AND source_end = destination_end THEN 'loopback'
    ELSE 'workload'
END
"""

EVENT_TYPE: Final = """
coalesce(event_type, CASE
    WHEN type = 'L7' OR l7_type IS NOT NULL THEN 129
    WHEN verdict IN ('AUDIT', 'REDIRECTED') OR coalesce(policy_match_type, 0) > 0
         OR len(coalesce(egress_allowed_by, [])) + len(coalesce(ingress_allowed_by, []))
            + len(coalesce(egress_denied_by, [])) + len(coalesce(ingress_denied_by, [])) > 0 THEN 5
    WHEN verdict = 'DROPPED' THEN 1
END)
"""
"""The event type, also where the export masks it: only policy verdicts audit, redirect or name policies (quirk 61)."""

_EXAMPLE = """
left(coalesce(source_ip, '?') || ':' || coalesce(source_port::VARCHAR, '-') || ' -> ' || coalesce(destination_ip, '?')
     || ':' || coalesce(destination_port::VARCHAR, '-') || ' ' || coalesce(protocol, 'no protocol')
     || ' on ' || coalesce(nullif(node_key, ''), 'an unnamed node'), 160)
"""


_COUNTED: Final = f"""
CREATE OR REPLACE TEMP TABLE class_counts AS
SELECT class, count(*) AS flows, min(event_id, {_EXAMPLES_LOOKED_AT}) AS event_ids FROM classified GROUP BY class
"""
# Which class an example is of was found out already; asking once more would look at all flows.
_SHOWN: Final = f"""
WITH shown AS (SELECT class, unnest(event_ids) AS event_id FROM class_counts)
SELECT class, {_EXAMPLE}
FROM (
    SELECT f.*, coalesce(f.cluster || '/', '') || coalesce(f.node, '') AS node_key, s.class
    FROM flows f JOIN shown s ON s.event_id = f.event_id
)
"""

# Clusters may use the same addresses, so the cluster of the pods tells their connections apart. The other end may go by
# several names (pod or host behind a proxy, hubble-quirks 50), so it must be enough that one of the two is a pod.
_REALM: Final = "greatest(coalesce(source_realm.cluster, ''), coalesce(destination_realm.cluster, ''))"
_REALMS: Final = """
LEFT JOIN end_clusters source_realm ON source_realm.number = source_end
LEFT JOIN end_clusters destination_realm ON destination_realm.number = destination_end
"""


def create_classes(connection: SqlEngine, *, several_clusters: bool) -> None:
    """Make the views `classified` (flows with both ends named and a class) and `tupled`.

    Needs the tables of `create_numbers`. `tupled` holds the flows of class workload, with ports and the numbers of
    addresses as policies see them (after service translation), and an id of the tuple that is the same for both
    directions.
    """
    realm, realms = (f", {_REALM}", _REALMS) if several_clusters else ("", "")
    connection.execute(_CLASSIFIED)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW classified AS SELECT *, {_CLASS_CASE} AS class FROM named")
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW tupled AS
        WITH workload_flows AS (
        SELECT event_id, t, node_key, {EVENT_TYPE} AS event_type, verdict, drop_reason, policy_match_type,
               traffic_direction, is_reply, trace_reason, protocol, coalesce(tcp_flags, 0) AS tcp_flags,
               tcp_flags IS NOT NULL AS has_flags, icmp_type, l7_type, l7_protocol, http_method, http_path, http_code,
               source_address, destination_address,
               CASE WHEN protocol IN {_PORTED} THEN source_policy_port ELSE 0 END AS source_port,
               CASE WHEN protocol IN {_PORTED} THEN destination_policy_port ELSE 0 END AS destination_port,
               source_kind, destination_kind, source_end, destination_end, source_local, destination_local,
               source_on_node, destination_on_node, source_own_host, destination_own_host, source_pod, destination_pod,
               source_names, destination_names, coalesce(source_names, destination_names) AS any_names,
               source_service, destination_service, events,
               egress_allowed_by, ingress_allowed_by,
               len(coalesce(egress_denied_by, [])) + len(coalesce(ingress_denied_by, [])) AS deniers
        FROM classified WHERE class = 'workload'
        )
        SELECT *, hash(protocol,
                       CASE WHEN flipped THEN destination_address ELSE source_address END,
                       CASE WHEN flipped THEN destination_port ELSE source_port END,
                       CASE WHEN flipped THEN source_address ELSE destination_address END,
                       CASE WHEN flipped THEN source_port ELSE destination_port END{realm}) AS tuple_id
        FROM (SELECT *, coalesce(source_address > destination_address
                                 OR source_address = destination_address AND source_port > destination_port, false)
                        AS flipped
              FROM workload_flows)
        {realms}
    """)


def count_classes(connection: SqlEngine) -> dict[FlowClass, ClassCount]:
    """How many stored flows fell into each class, with three different examples in words."""
    connection.execute(_COUNTED)
    counted = connection.execute("SELECT class, flows FROM class_counts").fetchall()
    examples: defaultdict[str, set[str]] = defaultdict(set)
    for name, example in connection.execute(_SHOWN).fetchall():
        examples[name].add(example)
    return {
        FlowClass(name): ClassCount(
            flow_class=FlowClass(name), flows=flows, examples=tuple(sorted(examples[name])[:_EXAMPLES])
        )
        for name, flows in counted
    }
