"""The numbers of an ingest: of the dataset as it will be, and of the lines that could not be read now."""

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
FROM (SELECT DISTINCT * FROM staged_rejects) GROUP BY reason ORDER BY reason
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetCounts:
    """What the relations `all_…` hold. Times are nanoseconds since the epoch, zero without flows."""

    flows: int
    first_seen: int
    last_seen: int
    verdict_flows: int
    nodes: tuple[str, ...]
    lost_events: int
    other_records: tuple[tuple[str, int], ...]


def count_dataset(connection: duckdb.DuckDBPyConnection) -> DatasetCounts:
    """Count the flows and events of the relations `all_flows` and `all_events`."""
    ((flows, first_seen, last_seen, verdict_flows),) = connection.execute(
        "SELECT count(*), coalesce(min(epoch_ns(time)), 0), coalesce(max(epoch_ns(time)), 0),"
        f" count(*) FILTER ({_IS_VERDICT}) FROM all_flows"
    ).fetchall()
    nodes = connection.execute(
        f"SELECT DISTINCT {_NODE} AS name FROM all_flows WHERE node IS NOT NULL ORDER BY name"
    ).fetchall()
    events = connection.execute(
        'SELECT kind, sum("count"), count(*) FROM all_events GROUP BY kind ORDER BY kind'
    ).fetchall()
    return DatasetCounts(
        flows=flows,
        first_seen=first_seen,
        last_seen=last_seen,
        verdict_flows=verdict_flows,
        nodes=tuple(name for (name,) in nodes),
        lost_events=sum(int(lost) for kind, lost, _ in events if kind == "lost_events"),
        other_records=tuple((kind, records) for kind, _, records in events if kind != "lost_events"),
    )


def count_rejects(connection: duckdb.DuckDBPyConnection) -> tuple[RejectCount, ...]:
    """Count the relation `staged_rejects` by reason, each with the first three places."""
    return tuple(
        RejectCount(reason=reason, lines=lines, examples=tuple(examples))
        for reason, lines, examples in connection.execute(_EXAMPLES).fetchall()
    )
