"""How far apart are the nodes' clocks? Connections that both ends' nodes recorded tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import lsqr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.sql_engine import SqlEngine

    Difference = tuple[str, str, int, float]
    """Client's node, server's node, connections, median of how much later the server's node dated the opening (ns)."""

FEWEST_CONNECTIONS: Final = 5
"""Connections between two nodes below which their difference says nothing."""
_MOST_WEIGHT: Final = 100
_TOLERANCE: Final = 1e-12
"""Relative; clocks that are hours apart are still told to the millisecond."""

# The opening of a tuple is a moment that both nodes see within milliseconds. Connections are not asked, since clocks
# that are far apart make two of one.
_DIFFERENCES: Final = """
WITH openings AS (
    SELECT min(client_opening) AS client_t, min(server_opening) AS server_t, min(client_node) AS client_node,
           min(server_node) AS server_node
    FROM folded_buckets GROUP BY call_id
)
SELECT c.node AS client_node, s.node AS server_node, count(*), median(o.server_t - o.client_t)::DOUBLE
FROM openings o JOIN node_numbers c ON c.number = o.client_node JOIN node_numbers s ON s.number = o.server_node
WHERE o.client_node <> o.server_node AND c.node <> '' AND s.node <> ''
      AND o.client_t IS NOT NULL AND o.server_t IS NOT NULL
GROUP BY ALL ORDER BY 1, 2
"""


def read_clock_offsets(connection: SqlEngine) -> dict[str, int]:
    """By node: how far its clock is ahead of the median clock of the nodes that it exchanges connections with (ns).

    Reads the table `folded_buckets`. Nodes without enough connections to others are left out.
    """
    return clock_offsets(connection.execute(_DIFFERENCES).fetchall())


def clock_offsets(differences: Iterable[Difference]) -> dict[str, int]:
    """Clocks that explain the differences best: least squares over the graph of nodes, weighted by connections.

    Transit times of both directions cancel each other out. Each connected part of the graph has a zero of its own, the
    median of its clocks.
    """
    kept = [item for item in differences if item[2] >= FEWEST_CONNECTIONS]
    nodes = sorted({node for client, server, _, _ in kept for node in (client, server)})
    if not nodes:
        return {}
    places = {node: place for place, node in enumerate(nodes)}
    clients = [places[client] for client, _, _, _ in kept]
    servers = [places[server] for _, server, _, _ in kept]
    weights = np.sqrt([min(connections, _MOST_WEIGHT) for _, _, connections, _ in kept])
    rows, shape = np.arange(len(kept)), (len(kept), len(nodes))
    incidence = csr_matrix((weights, (rows, servers)), shape) - csr_matrix((weights, (rows, clients)), shape)
    observed = weights * np.array([difference for _, _, _, difference in kept])
    solved = lsqr(incidence, observed, atol=_TOLERANCE, btol=_TOLERANCE)[0]
    graph = csr_matrix((weights, (clients, servers)), (len(nodes), len(nodes)))
    count, part_of = connected_components(graph, directed=False)
    middles = [np.median(solved[part_of == part]) for part in range(count)]
    return {node: round(float(solved[place] - middles[part_of[place]])) for node, place in places.items()}
