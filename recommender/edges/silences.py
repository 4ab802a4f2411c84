"""When did a node record nothing, and how improbable is that?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from recommender.model.activity import HOUR_NS
from recommender.model.capture import Silence

if TYPE_CHECKING:
    from recommender.model.sql_engine import SqlEngine


_HEARD: Final = """
CREATE OR REPLACE TEMP TABLE heard_hours AS
SELECT node, hour, sum(flows)::BIGINT AS flows FROM node_hours WHERE named GROUP BY node, hour
"""
# The hour before the window's first and after its last stand in for sightings, so that silence at either end counts.
_SILENCES: Final = """
WITH span AS (SELECT min(hour) - 1 AS first_hour, max(hour) + 1 AS last_hour FROM heard_hours),
heard AS (
    SELECT node, hour FROM heard_hours
    UNION ALL SELECT DISTINCT node, first_hour FROM heard_hours, span
    UNION ALL SELECT DISTINCT node, last_hour FROM heard_hours, span
), following AS (SELECT node, hour, lead(hour) OVER (PARTITION BY node ORDER BY hour) AS next_hour FROM heard)
SELECT node, hour + 1, next_hour FROM following WHERE next_hour > hour + 1 ORDER BY 1, 2
"""
_USUAL: Final = "SELECT node, quantile_disc(flows, 0.1)::BIGINT FROM heard_hours GROUP BY 1"


def read_silences(connection: SqlEngine) -> tuple[dict[str, tuple[Silence, ...]], dict[str, int]]:
    """By node: the runs of clock hours of the window without a record, and what a quiet hour of it usually holds.

    The second is the tenth percentile of its records in the hours that have any.
    """
    connection.execute(_HEARD)
    silences: defaultdict[str, list[Silence]] = defaultdict(list)
    for node, first, after in connection.execute(_SILENCES).fetchall():
        silences[node].append(Silence(start=first * HOUR_NS, end=after * HOUR_NS))
    usual = dict(connection.execute(_USUAL).fetchall())
    connection.execute("DROP TABLE heard_hours")
    return {node: tuple(found) for node, found in silences.items()}, usual
