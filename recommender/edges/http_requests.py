"""HTTP access log records to evidence: which kinds of requests does an edge carry, and how many of its connections?

Requests come from the proxies' access logs only, never from policy verdicts, which know nothing above layer 4
(hubble-quirks 21). Kinds are bounded for every edge, in an order that depends on content alone, and what is cut is
counted.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from recommender.edges.connections import PROTOCOLS
from recommender.edges.marks import marked
from recommender.edges.numbers import is_workload
from recommender.edges.path_shapes import MAX_PATH, sayable, shape
from recommender.edges.records import fetch_records
from recommender.model.activity import HOUR_NS
from recommender.model.edge import Protocol
from recommender.model.http_path import PathTemplate
from recommender.model.http_request import HttpCut, HttpEvidence, HttpKind, HttpSample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.sql_engine import SqlEngine

MAX_KINDS: Final = 200
MAX_SAMPLES: Final = 10
_TURNED_AWAY: Final = "(400, 401, 403, 404, 405, 410, 414, 501)"
"""Statuses by which a server does nothing for the client (RFC 9110, section 15)."""

# A record whose type contradicts the orientation of its connection is no evidence.
_RECORDS = """
CREATE OR REPLACE TEMP TABLE http_records AS
SELECT b.connection_id, s.call_id, s.t, s.verdict, s.forwards,
       coalesce(s.traffic_direction = 'INGRESS', false) AS at_server, s.http_method AS method, s.http_path AS path,
       s.http_code AS code
FROM sided s JOIN buckets b USING (call_id, bucket)
WHERE s.protocol = 'TCP' AND s.l7_protocol = 'http'
      AND (s.l7_type = 'REQUEST' AND s.forwards OR s.l7_type = 'RESPONSE' AND NOT s.forwards)
"""

# A connection picked up in the middle belongs to the one opened earlier on its tuple: keep-alive outlives ten minutes.
# The second leg of a client's proxy carries the pod's identity, but no name and the address of the host (hubble-quirks
# 50): its requests were logged on the first leg.
_VISIBILITY = f"""
WITH asked AS (
    SELECT DISTINCT connection_id FROM http_records
), asked_calls AS (
    SELECT DISTINCT call_id FROM http_records
), of_pods AS (
    SELECT number FROM address_numbers WHERE address IN (SELECT address FROM pod_sightings)
), seen AS (
    SELECT c.edge, {marked("packets", of="c.marks")} AS packets, c.first_t // {HOUR_NS} AS hour,
           a.connection_id IS NOT NULL AS own,
           own OR NOT {marked("opened", of="c.marks")} AND t.call_id IS NOT NULL AS requested
    FROM edge_connections c
    LEFT JOIN asked a ON a.connection_id = c.connection_id
    LEFT JOIN asked_calls t ON t.call_id = c.call_id
    WHERE c.protocol = {PROTOCOLS.index(Protocol.TCP)}
          AND NOT ({marked("reset", of="c.marks")} AND NOT {marked("answered", of="c.marks")})
          AND (a.connection_id IS NOT NULL OR c.client_pod IS NOT NULL OR NOT {is_workload("c.client_end")}
               OR c.client_ip IN (SELECT number FROM of_pods))
), incomplete AS (
    SELECT c.edge, count(*) AS incomplete FROM http_records r JOIN edge_connections c USING (connection_id)
    WHERE r.forwards AND (r.method IS NULL OR r.path IS NULL) GROUP BY c.edge
)
SELECT s.edge, count(*) AS connections,
       count(*) FILTER (requested) AS requested, count(*) FILTER (packets) AS packets,
       count(DISTINCT hour) AS hours, count(DISTINCT hour) FILTER (requested) AS requested_hours,
       coalesce(any_value(i.incomplete), 0) AS incomplete
FROM seen s LEFT JOIN incomplete i ON i.edge = s.edge
GROUP BY s.edge HAVING bool_or(own)
"""

# Both ends' proxies may log one request, each by its own clock: each side is counted, and has its last word, alone.
_PATHS = f"""
CREATE OR REPLACE TEMP TABLE http_paths AS
WITH counted AS (
    SELECT c.edge, r.method, r.path,
           greatest(count(*) FILTER (r.forwards AND at_server), count(*) FILTER (r.forwards AND NOT at_server),
                    count(*) FILTER (NOT r.forwards AND at_server), count(*) FILTER (NOT r.forwards AND NOT at_server))
               AS requests,
           greatest(count(*) FILTER (r.forwards AND at_server AND verdict = 'DROPPED'),
                    count(*) FILTER (r.forwards AND NOT at_server AND verdict = 'DROPPED')) AS denied,
           coalesce(arg_max(verdict, (t, verdict)) FILTER (r.forwards AND at_server) = 'DROPPED', false)
           OR coalesce(arg_max(verdict, (t, verdict)) FILTER (r.forwards AND NOT at_server) = 'DROPPED', false)
               AS forbidden,
           count(*) FILTER (NOT r.forwards AND code IS NOT NULL) AS responses,
           count(*) FILTER (NOT r.forwards AND code IN {_TURNED_AWAY}) AS turned_away
    FROM http_records r JOIN edge_connections c USING (connection_id)
    WHERE r.method IS NOT NULL AND r.path IS NOT NULL
    GROUP BY ALL
)
SELECT * EXCLUDE (method, path), {sayable("method", "path")} AS sayable,
       CASE WHEN sayable THEN method ELSE '' END AS method,
       CASE WHEN sayable THEN {shape("path")} ELSE '' END AS shape,
       left(path, {MAX_PATH}) AS path
FROM counted
"""

_KINDS = f"""
WITH kinds AS (
    SELECT edge, method, shape, NOT sayable AS malformed,
           sum(requests)::BIGINT AS requests, count(*) AS paths, sum(denied)::BIGINT AS denied,
           bool_and(forbidden) AS forbidden, sum(responses)::BIGINT AS responses,
           sum(turned_away)::BIGINT AS turned_away,
           min({{'path': path, 'requests': requests}}, {MAX_SAMPLES}) AS samples
    FROM http_paths GROUP BY ALL
), weighed AS (
    SELECT *, forbidden OR responses > 0 AND turned_away >= responses AS unserved FROM kinds
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY edge ORDER BY unserved, requests DESC, method, shape) AS place
    FROM weighed
)
"""
_KEPT = f"{_KINDS} SELECT * EXCLUDE (place, unserved) FROM placed WHERE place <= {MAX_KINDS}"
_CUT = f"""{_KINDS}
SELECT edge, count(*) AS kinds, sum(requests)::BIGINT AS requests,
       count(*) FILTER (unserved) AS unserved_kinds,
       coalesce(sum(requests) FILTER (unserved), 0)::BIGINT AS unserved_requests
FROM placed WHERE place > {MAX_KINDS} GROUP BY ALL
"""


def create_http_records(connection: SqlEngine) -> None:
    """Make `http_records`: HTTP requests and responses with the connection that each belongs to."""
    connection.execute(_RECORDS)


def read_http_evidence(connection: SqlEngine) -> Mapping[int, HttpEvidence]:
    """The HTTP evidence of every edge that has some, by the number that `edge_connections` knows the edge by."""
    connection.execute(_PATHS)
    kinds: defaultdict[int, list[HttpKind]] = defaultdict(list)
    for record in fetch_records(connection, _KEPT):
        kinds[record.pop("edge")].append(_kind(record))
    cut = {record.pop("edge"): HttpCut(**record) for record in fetch_records(connection, _CUT)}
    found = {}
    for record in fetch_records(connection, _VISIBILITY):
        edge = record.pop("edge")
        ordered = tuple(sorted(kinds[edge], key=lambda kind: kind.sort_key))
        found[edge] = HttpEvidence(**record, kinds=ordered, cut=cut.get(edge, HttpCut()))
    return found


def _kind(record: dict[str, Any]) -> HttpKind:
    samples = tuple(HttpSample(**sample) for sample in record.pop("samples"))
    return HttpKind(**record | {"template": PathTemplate(shape=record.pop("shape")), "samples": samples})
