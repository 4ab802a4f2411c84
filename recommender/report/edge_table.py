"""The edges as one pandas table, for notebooks and spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from recommender.model.recommendation import AssessedEdge, Recommendation

COLUMNS: Final = (
    "edge_id", "client", "server", "protocol", "port", "client_group", "server_group", "disposition", "reason",
    "confidence", "connections", "answered", "client_pods", "server_pods", "active_hours", "active_days",
    "first_seen", "last_seen", "audited", "denied", "names",
)  # fmt: skip


def edge_table(recommendation: Recommendation) -> pd.DataFrame:
    """One row an edge, in the order of the recommendation: ends, what becomes of it, confidence and evidence.

    `first_seen` and `last_seen` are UTC timestamps; `port` is the message type for ICMP; `names` are joined by spaces.
    """
    table = pd.DataFrame([_row(item) for item in recommendation.edges], columns=list(COLUMNS))
    for column in ("first_seen", "last_seen"):
        table[column] = pd.to_datetime(table[column], unit="ns", utc=True)
    return table.set_index("edge_id")


def _row(item: AssessedEdge) -> dict[str, Any]:
    edge, evidence = item.edge, item.edge.evidence
    same = ("connections", "answered", "client_pods", "server_pods", "active_hours", "active_days", "first_seen")
    return {
        "edge_id": edge.edge_id,
        "client": str(edge.client),
        "server": str(edge.server),
        "protocol": edge.protocol.value,
        "port": edge.port,
        "client_group": item.client_group,
        "server_group": item.server_group,
        "disposition": item.decided.disposition.value,
        "reason": item.decided.reason,
        "confidence": item.confidence.value,
        **{name: getattr(evidence, name) for name in same},
        "last_seen": evidence.last_seen,
        "audited": evidence.verdicts.audited,
        "denied": evidence.verdicts.denied + evidence.verdicts.explicitly_denied,
        "names": " ".join(evidence.names),
    }
