"""Outside names that were resolved, and no connection to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.gaps.report import make_gap
from recommender.assess.rollout_codes import UNCONNECTED_NAMES
from recommender.assess.wording import counted
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

MOST_NAMES: Final = 20
"""A client with more of them looks names up for others, or hides messages in them (`dns_tunnel`)."""


def detect(context: GapContext) -> Iterator[Gap]:
    """Which workloads asked for outside names and were never seen to connect to them?

    A resolver for others asks for everything and connects to nothing: DNS servers and clients with very many such
    names are passed over. One finding a client.
    """
    servers = {edge.server for edge in context.edges.values() if edge.port in {53, 5353}}
    for item in context.unconnected:
        if isinstance(item.client, WorkloadEnd) and item.client not in servers and item.count <= MOST_NAMES:
            yield make_gap(
                UNCONNECTED_NAMES,
                subject=str(item.client),
                reason=f"{counted(item.count, 'outside name')} resolved, without a connection to any address of it",
                count=item.count,
                examples=item.names,
                facts=item.names,
            )
