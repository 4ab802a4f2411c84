"""Which fields did the export leave out: everywhere, or on some nodes?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.edges.records import fetch_records
from recommender.model.capture import FieldPresence

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine

_TRACED: Final = "(event_type IS NULL OR event_type IN (4, 5)) AND verdict IS DISTINCT FROM 'DROPPED'"
_FIELDS: Final = (
    # (the field as an export's mask names it, records in which Hubble would set it, whether it is set)
    ("is_reply", f"{_TRACED} AND coalesce(type, 'L3_L4') = 'L3_L4'", "is_reply IS NOT NULL"),
    ("l4.TCP.flags", "protocol = 'TCP' AND coalesce(type, 'L3_L4') = 'L3_L4'", "tcp_flags IS NOT NULL"),
    ("event_type", "true", "event_type IS NOT NULL"),
    ("verdict", "true", "verdict IS NOT NULL"),
    ("traffic_direction", "event_type = 5", "traffic_direction IS NOT NULL"),
    ("drop_reason_desc", "verdict = 'DROPPED' AND coalesce(type, 'L3_L4') = 'L3_L4'", "drop_reason IS NOT NULL"),
    ("node_name", "true", "node IS NOT NULL"),
    ("uuid", "true", "uuid IS NOT NULL"),
    (
        "source.ID",
        """event_type = 5 AND traffic_direction = 'EGRESS' AND s.kind = 'workload'
           OR event_type = 5 AND traffic_direction = 'INGRESS' AND d.kind = 'workload'
           OR trace_observation_point = 'TO_ENDPOINT' AND d.kind = 'workload'""",
        "coalesce(s.local, false) OR coalesce(d.local, false)",
    ),
    (
        "egress_allowed_by",
        "event_type = 5 AND verdict IN ('FORWARDED', 'REDIRECTED') AND coalesce(policy_match_type, 0) > 0",
        "egress_allowed_by IS NOT NULL OR ingress_allowed_by IS NOT NULL",
    ),
)
"""Sources: Hubble's `flow.proto` and parsers (hubble-format 3, 4.3), Cilium's `bpf/lib/policy_log.h`."""


def read_field_presence(connection: SqlEngine) -> tuple[FieldPresence, ...]:
    """For every field that the rest depends on: in how many records should it stand, and in how many does it?

    A node is named if the field stands in none of its records although they should have it, and other nodes' do.
    """
    columns = ", ".join(
        f"count(*) FILTER ({expected}) AS expected_{place}, "
        f"count(*) FILTER (({expected}) AND ({present})) AS present_{place}"
        for place, (_, expected, present) in enumerate(_FIELDS)
    )
    sums = ", ".join(
        f"sum({kind}_{place})::BIGINT AS {kind}_{place}"
        for place in range(len(_FIELDS))
        for kind in ("expected", "present")
    )
    by_node = fetch_records(
        connection,
        f"""
        WITH counted AS (
            SELECT f.cluster, f.node, {columns}
            FROM flows f LEFT JOIN ends s ON f.source_endpoint = s.endpoint_id
            LEFT JOIN ends d ON f.destination_endpoint = d.endpoint_id GROUP BY f.cluster, f.node
        )
        SELECT coalesce(cluster || '/', '') || coalesce(node, '') AS node, {sums} FROM counted GROUP BY 1 ORDER BY 1
        """,
    )
    return tuple(
        FieldPresence(
            name=name,
            expected=sum(row[f"expected_{place}"] for row in by_node),
            present=sum(row[f"present_{place}"] for row in by_node),
            absent_on=tuple(row["node"] for row in by_node if row[f"expected_{place}"] and not row[f"present_{place}"]),
        )
        for place, (name, _, _) in enumerate(_FIELDS)
    )
