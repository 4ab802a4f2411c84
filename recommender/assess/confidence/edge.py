"""How sure are we that an edge is needed: a first form with hand-set weights, not yet calibrated."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Final

from recommender.assess.answers import only_dropped, traced
from recommender.assess.confidence.loss import loss_share
from recommender.assess.sightings import direction_share, is_direction_known, is_single_sighting
from recommender.model.confidence import Confidence, ConfidencePart
from recommender.model.disposition import Disposition
from recommender.model.edge import FqdnEnd, Protocol, WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.capture import Capture
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Evidence, Workload

    Workloads = Mapping[WorkloadEnd, Workload]

DAYS_WEIGHT: Final = 0.20
HOURS_WEIGHT: Final = 0.10
REPLICAS_WEIGHT: Final = 0.10
ENDS_WEIGHT: Final = 0.10
ANSWERS_WEIGHT: Final = 0.25
DIRECTION_WEIGHT: Final = 0.15
LOSS_WEIGHT: Final = 0.10

_FULL_DAYS: Final = 7
_FULL_HOURS: Final = 24
_UNKNOWN: Final = 0.5
"""What a part earns when the capture cannot tell."""

SINGLE_SIGHTING_CAP: Final = 0.80
NEVER_ANSWERED_CAP: Final = 0.10
DIRECTION_CAP: Final = 0.50
QUARANTINE_CAP: Final = 0.30
SEVERAL_NAMES_CAP: Final = 0.80
_NOTICEABLE_LOSS: Final = 0.01


def edge_confidence(
    edge: Edge, decided: Decided, *, workloads: Mapping[WorkloadEnd, Workload], capture: Capture
) -> Confidence:
    """How sure are we that this edge is needed traffic?

    The sum of seven parts, each between 0 and its weight, held under the lowest cap that applies. Time counts, not
    volume. The weights are set by hand; the caps for single sightings, failed handshakes and unknown direction come
    from `scoring 7a`. First form, not yet calibrated: read it as an order, not as a frequency.
    """
    evidence = edge.evidence
    loss = loss_share(capture, _nodes(edge, workloads))
    parts = (
        _days(evidence, capture),
        _hours(evidence),
        _replicas(edge, workloads),
        _both_ends(edge),
        _answers(edge, capture),
        _direction(evidence),
        ConfidencePart(
            name="loss",
            sentence=f"{loss:.1%} of the events were lost where it ran",
            value=round(LOSS_WEIGHT * (1 - loss), 4),
        ),
    )
    total = sum(part.value for part in parts)
    cap, why = min([*_caps(edge, decided, capture, loss), (1.0, "")])
    return Confidence(value=round(min(total, cap), 4), parts=parts, cap=why if total > cap else "")


def _caps(edge: Edge, decided: Decided, capture: Capture, loss: float) -> list[tuple[float, str]]:
    evidence = edge.evidence
    caps = []
    if is_single_sighting(evidence):
        caps.append((SINGLE_SIGHTING_CAP, "seen once"))
    if _failed(edge, decided, capture):
        caps.append((NEVER_ANSWERED_CAP, "never answered"))
    if isinstance(edge.server, FqdnEnd) and evidence.is_name_in_doubt:
        caps.append((SEVERAL_NAMES_CAP, "its addresses had several names"))
    if not is_direction_known(evidence):
        caps.append((DIRECTION_CAP, "direction unknown"))
    if decided.disposition is Disposition.QUARANTINED:
        caps.append((QUARANTINE_CAP, "quarantined"))
    if loss > _NOTICEABLE_LOSS:
        caps.append((1 - loss / 2, "events lost in the window"))
    return caps


def _failed(edge: Edge, decided: Decided, capture: Capture) -> bool:
    """Refused or unanswered, where `decide` was sure enough to quarantine it; a drop is no answer of the server."""
    evidence = edge.evidence
    if decided.disposition is not Disposition.QUARANTINED or only_dropped(evidence):
        return False
    if 0 < evidence.connections <= evidence.refused:
        return True
    return not evidence.answered and _could_answer(edge, capture)


def _could_answer(edge: Edge, capture: Capture) -> bool:
    return edge.protocol in {Protocol.TCP, Protocol.SCTP} and capture.reply_flows > 0 and traced(edge.evidence)


def _days(evidence: Evidence, capture: Capture) -> ConfidencePart:
    window = max(1, round(capture.days))
    earned = min(1.0, log(1 + evidence.active_days) / log(1 + _FULL_DAYS))
    sentence = f"seen on {evidence.active_days} {_plural('day', evidence.active_days)} of a window of {window}"
    return ConfidencePart(name="days", sentence=sentence, value=round(DAYS_WEIGHT * earned, 4))


def _hours(evidence: Evidence) -> ConfidencePart:
    earned = min(1.0, evidence.active_hours / _FULL_HOURS)
    sentence = f"seen in {evidence.active_hours} different {_plural('hour', evidence.active_hours)}"
    return ConfidencePart(name="hours", sentence=sentence, value=round(HOURS_WEIGHT * earned, 4))


def _replicas(edge: Edge, workloads: Workloads) -> ConfidencePart:
    if isinstance(edge.client, WorkloadEnd):
        end, seen, role = edge.client, edge.evidence.client_pods, "client"
    elif isinstance(edge.server, WorkloadEnd):
        end, seen, role = edge.server, edge.evidence.server_pods, "server"
    else:
        return ConfidencePart(name="replicas", sentence="no end is a workload", value=REPLICAS_WEIGHT * _UNKNOWN)
    workload = workloads.get(end)
    known = len(workload.pods) if workload else 0
    if not known:
        sentence = f"the number of {role} pods is not known"
        return ConfidencePart(name="replicas", sentence=sentence, value=REPLICAS_WEIGHT * _UNKNOWN)
    earned = min(1.0, seen / known)
    sentence = f"{min(seen, known)} of {known} {role} {_plural('pod', known)} showed it"
    return ConfidencePart(name="replicas", sentence=sentence, value=round(REPLICAS_WEIGHT * earned, 4))


def _both_ends(edge: Edge) -> ConfidencePart:
    evidence = edge.evidence
    if not (isinstance(edge.client, WorkloadEnd) and isinstance(edge.server, WorkloadEnd)):
        sentence = "recorded at its only end in the cluster's pod network"
        return ConfidencePart(name="both ends", sentence=sentence, value=ENDS_WEIGHT)
    earned = min(1.0, evidence.both_sides / evidence.connections) if evidence.connections else 0.0
    sentence = f"{evidence.both_sides} of {evidence.connections} connections recorded at both ends"
    return ConfidencePart(name="both ends", sentence=sentence, value=round(ENDS_WEIGHT * earned, 4))


def _answers(edge: Edge, capture: Capture) -> ConfidencePart:
    evidence = edge.evidence
    if not evidence.answered and not evidence.refused and not _could_answer(edge, capture):
        sentence = "the capture cannot show whether it was answered"
        return ConfidencePart(name="answers", sentence=sentence, value=ANSWERS_WEIGHT * _UNKNOWN)
    good = max(0, min(evidence.answered, evidence.connections - evidence.refused))
    earned = min(1.0, good / evidence.connections) if evidence.connections else 0.0
    sentence = f"{good} of {evidence.connections} connections answered"
    return ConfidencePart(name="answers", sentence=sentence, value=round(ANSWERS_WEIGHT * earned, 4))


def _direction(evidence: Evidence) -> ConfidencePart:
    share = direction_share(evidence)
    sentence = f"direction certain for {share:.0%} of its connections"
    return ConfidencePart(name="direction", sentence=sentence, value=round(DIRECTION_WEIGHT * share, 4))


def _nodes(edge: Edge, workloads: Workloads) -> frozenset[str]:
    """Nodes that host either end."""
    found = (workloads.get(end) for end in (edge.client, edge.server) if isinstance(end, WorkloadEnd))
    return frozenset(node for workload in found if workload for node in workload.nodes)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
