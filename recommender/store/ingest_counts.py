"""The numbers of an ingest: of flows, of records that are none, and of lines that could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.capture import RejectCount

if TYPE_CHECKING:
    import duckdb

_NODE: Final = "coalesce(cluster || '/', '') || node"

# Where the export masks the event type: only policy verdicts audit, redirect or match (hubble-format 4.1).
_IS_VERDICT: Final = (
    "event_type = 5 OR event_type IS NULL AND l7_type IS NULL"
    " AND (verdict IN ('AUDIT', 'REDIRECTED') OR policy_match_type > 0)"
)

_EXAMPLES: Final = """
SELECT reason, count(*), list(file || ':' || line ORDER BY file, line)[1:3]
FROM (SELECT * FROM staged_rejects UNION SELECT * FROM unfinished_ends) GROUP BY reason ORDER BY reason
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCounts:
    """What some flows hold. Times are nanoseconds since the epoch, zero without flows."""

    flows: int
    first_seen: int
    last_seen: int
    verdict_flows: int
    nodes: tuple[str, ...]


def count_flows(connection: duckdb.DuckDBPyConnection, relation: str) -> FlowCounts:
    """Count the flows of a relation."""
    ((flows, first_seen, last_seen, verdict_flows),) = connection.execute(
        "SELECT count(*), coalesce(min(epoch_ns(time)), 0), coalesce(max(epoch_ns(time)), 0),"
        f" count(*) FILTER ({_IS_VERDICT}) FROM {relation}"
    ).fetchall()
    nodes = connection.execute(
        f"SELECT DISTINCT {_NODE} AS name FROM {relation} WHERE node IS NOT NULL ORDER BY name"
    ).fetchall()
    return FlowCounts(
        flows=flows,
        first_seen=first_seen,
        last_seen=last_seen,
        verdict_flows=verdict_flows,
        nodes=tuple(name for (name,) in nodes),
    )


def count_other_records(connection: duckdb.DuckDBPyConnection) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Events lost, and the other records of the relation `all_events` by kind."""
    events = connection.execute(
        'SELECT kind, sum("count"), count(*) FROM all_events GROUP BY kind ORDER BY kind'
    ).fetchall()
    lost = sum(int(count) for kind, count, _ in events if kind == "lost_events")
    return lost, tuple((kind, records) for kind, _, records in events if kind != "lost_events")


def count_rejects(connection: duckdb.DuckDBPyConnection) -> tuple[RejectCount, ...]:
    """Count the relations `staged_rejects` and `unfinished_ends` by reason, each with the first three places."""
    return tuple(
        RejectCount(reason=reason, lines=lines, examples=tuple(examples))
        for reason, lines, examples in connection.execute(_EXAMPLES).fetchall()
    )
