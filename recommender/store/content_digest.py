"""A digest of what a dataset holds, whatever the order of its rows and the files that they lie in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from recommender.model.flow_schema import SCHEMA_VERSION

if TYPE_CHECKING:
    import duckdb

# Ids are hashes of content, so sums and exclusive ors of them tell sets apart. The products bind a flow to its ends:
# the factor stays below 2^33 and the product below 2^97, so 2^30 rows fit into HUGEINT.
_FLOWS: Final = """
SELECT count(*), sum(event_id::HUGEINT), bit_xor(event_id),
       sum(event_id::HUGEINT * (coalesce(source_endpoint, 0) % 4294967291 + 1)::HUGEINT),
       sum(event_id::HUGEINT * (coalesce(destination_endpoint, 1) % 4294967279 + 1)::HUGEINT),
       sum(epoch_ns(time)::HUGEINT), sum(events)
FROM stored_flows
"""

_IDS: Final = "SELECT count(*), sum({column}::HUGEINT), bit_xor({column}) FROM {source}"

# Rows of kind agent_log count the lines of one file, repeats included: they tell how a capture was cut into files.
_SIDE_IDS: Final = {
    "stored_endpoints": "endpoint_id",
    "stored_label_sets": "label_set_id",
    "(SELECT * FROM stored_events WHERE kind <> 'agent_log')": "event_id",
}


def content_digest(connection: duckdb.DuckDBPyConnection) -> str:
    """Digest the views `stored_…` of a connection.

    Rejects and counts of agent log lines are left out: they tell of the files read, not of what was observed.
    """
    queries = [_FLOWS, *(_IDS.format(source=source, column=column) for source, column in _SIDE_IDS.items())]
    facts = [SCHEMA_VERSION, *(connection.execute(query).fetchone() for query in queries)]
    return hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()
