"""Which clients ask for very many names under one domain? What an answer is no evidence of may still be a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.edges.records import fetch_records
from recommender.model.lookups import LookupLoad

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.edge import End
    from recommender.model.sql_engine import SqlEngine

FEWEST_NAMES: Final = 50
"""Distinct names under one domain below which nothing is reported; what is too many is for `assess` to say."""
_CLUSTER_SUFFIX: Final = ".cluster.local"
_SHORT_LABEL: Final = 3

_LOADS = f"""
WITH asked AS (
    SELECT s.end_key AS client, f.dns_query AS name, f.l7_type = 'REQUEST' AS request
    FROM flows f
    JOIN ends s ON s.endpoint_id = CASE f.l7_type WHEN 'REQUEST' THEN f.source_endpoint ELSE f.destination_endpoint END
    WHERE f.l7_protocol = 'dns' AND f.l7_type IN ('REQUEST', 'RESPONSE') AND s.kind = 'workload'
          AND NOT ends_with(f.dns_query, '{_CLUSTER_SUFFIX}')
), counted AS (
    SELECT client, name, string_split(name, '.') AS labels,
           greatest(count(*) FILTER (request), count(*) FILTER (NOT request)) AS lookups
    FROM asked GROUP BY ALL
), parted AS (
    SELECT client, name, lookups,
           array_to_string(
               list_slice(labels, CASE WHEN length(list_extract(labels, -2)) <= {_SHORT_LABEL} THEN -3 ELSE -2 END, -1),
               '.'
           ) AS domain
    FROM counted WHERE len(labels) > 2
)
SELECT client, domain, count(*) AS names, sum(lookups)::BIGINT AS lookups,
       avg(length(name) - length(domain) - 1) AS mean_length, min(name, 3) AS examples
FROM parted GROUP BY ALL HAVING count(*) >= {FEWEST_NAMES} ORDER BY client, domain
"""


def read_lookups(connection: SqlEngine, ends: Mapping[str, End]) -> tuple[LookupLoad, ...]:
    """Every client and domain with many distinct names, sorted; names of the cluster itself are left out."""
    return tuple(
        LookupLoad(**{**row, "client": ends[row["client"]], "examples": tuple(row["examples"])})
        for row in fetch_records(connection, _LOADS)
        if row["client"] in ends
    )
