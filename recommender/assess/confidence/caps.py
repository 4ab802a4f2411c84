"""Limits that no amount of other evidence lifts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.answers import only_dropped, traced
from recommender.assess.confidence.loss import loss_share
from recommender.assess.sightings import is_direction_known, is_single_sighting
from recommender.model.disposition import Disposition
from recommender.model.edge import FqdnEnd, Protocol, WorkloadEnd

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge

SINGLE_SIGHTING_CAP: Final = 0.80
NEVER_ANSWERED_CAP: Final = 0.10
DIRECTION_CAP: Final = 0.50
QUARANTINE_CAP: Final = 0.30
SEVERAL_NAMES_CAP: Final = 0.80
NOTICEABLE_LOSS: Final = 0.05
"""Below it, edges of windows with losses are needed as often as others; a lower limit only made scores too low
(docs/calibration.md)."""


def lowest_cap(edge: Edge, decided: Decided, context: EdgeContext) -> tuple[float, str]:
    """The lowest limit of an edge's confidence and its reason (`scoring 7a`); 1 and nothing if none applies."""
    return min(_caps(edge, decided, context), default=(1.0, ""))


def _caps(edge: Edge, decided: Decided, context: EdgeContext) -> list[tuple[float, str]]:
    evidence = edge.evidence
    caps = []
    if is_single_sighting(evidence):
        caps.append((SINGLE_SIGHTING_CAP, "seen once"))
    if _failed(edge, decided, context):
        caps.append((NEVER_ANSWERED_CAP, "never answered"))
    if isinstance(edge.server, FqdnEnd) and evidence.is_name_in_doubt:
        caps.append((SEVERAL_NAMES_CAP, "its addresses had several names"))
    if not is_direction_known(evidence):
        caps.append((DIRECTION_CAP, "direction unknown"))
    if decided.disposition is Disposition.QUARANTINED:
        caps.append((QUARANTINE_CAP, "quarantined"))
    loss = loss_share(context.capture, _nodes(edge, context))
    if loss > NOTICEABLE_LOSS:
        caps.append((1 - loss / 2, "events lost in the window"))
    return caps


def _failed(edge: Edge, decided: Decided, context: EdgeContext) -> bool:
    """Refused or unanswered, where `decide` was sure enough to quarantine it; a drop is no answer of the server."""
    evidence = edge.evidence
    if decided.disposition is not Disposition.QUARANTINED or only_dropped(evidence):
        return False
    if 0 < evidence.connections <= evidence.refused:
        return True
    could_answer = edge.protocol in {Protocol.TCP, Protocol.SCTP} and context.capture.reply_flows > 0
    return not evidence.answered and could_answer and traced(evidence)


def _nodes(edge: Edge, context: EdgeContext) -> frozenset[str]:
    """Nodes that host either end."""
    found = (context.workload(end) for end in (edge.client, edge.server) if isinstance(end, WorkloadEnd))
    return frozenset(node for workload in found if workload for node in workload.nodes)
