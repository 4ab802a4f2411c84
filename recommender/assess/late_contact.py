"""First contacts that come late, on a port that matters or with the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.context import HOUR
from recommender.assess.ports import SENSITIVE_PORTS, is_sensitive

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge

FIRST_RUN: Final = HOUR
_LONG_SILENCE: Final = 24 * HOUR
"""A client that did without the contact for a whole day did not need it daily."""
_LATE_SHARE: Final = 0.5


def late_on_a_sensitive_port(edge: Edge, context: EdgeContext) -> str:
    """Say what is odd about the contact, or nothing: it came long after the client's first traffic, on such a port."""
    if not is_sensitive(edge.protocol, edge.port) or not is_late(edge, context):
        return ""
    return f"seen once, long after the client's first traffic, on {listener_text(edge.port)}"


def listener_text(port: int) -> str:
    """Name what listens on a sensitive port, such as `PostgreSQL (5432)`."""
    return f"{SENSITIVE_PORTS[port]} ({port})"


def is_late(edge: Edge, context: EdgeContext) -> bool:
    """Whether the client did without the contact for a day, or for half of the time that it was observed."""
    first = context.seen[edge.client][0]
    waited = edge.evidence.first_seen - first
    if waited <= FIRST_RUN:
        return False
    return waited >= _LONG_SILENCE or waited > _LATE_SHARE * (context.capture.last_seen - first)
