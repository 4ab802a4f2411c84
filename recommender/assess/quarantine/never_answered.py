"""Connections that no server ever answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.answers import Answer
from recommender.model.edge import Protocol

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext

_HANDSHAKE: Final = frozenset({Protocol.TCP, Protocol.SCTP})


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges of a protocol with a handshake met silence where an answer would have been recorded?

    A capture without replies, a record that is only a verdict, or a connection in the last half minute proves nothing.
    UDP may be one-way by design (statsd, syslog).
    """
    return {
        edge_id: "never answered, although answers were recorded elsewhere"
        for edge_id, edge in context.edges.items()
        if edge.protocol in _HANDSHAKE and context.answers.answer(edge) is Answer.SILENT
    }
