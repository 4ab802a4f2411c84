"""The confidence of an edge in plain words: each part a sentence with what it adds to the log-odds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from recommender.assess.confidence.features import Feature
from recommender.assess.timing import DAY, span_count
from recommender.assess.wording import counted
from recommender.model.confidence import Confidence, ConfidencePart, Scale
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from recommender.assess.scoring import ScoredEdges

PRIOR: Final = "edges in general"
_EVEN: Final = 0.5
"""Regularity at which gaps spread as widely as they are long."""


def edge_confidences(scored: ScoredEdges) -> dict[str, Confidence]:
    """How sure are we that each edge is needed, and why? By `Edge.edge_id`, in the order of `Edge.sort_key`."""
    words = _Words(scored=scored)
    return {edge_id: words.confidence(place) for place, edge_id in enumerate(scored.context.edges)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """Says what was scored; parts that are equal are one object, since few sentences are said of many edges."""

    scored: ScoredEdges
    _parts: dict[tuple[str, str, float], ConfidencePart] = field(default_factory=dict)

    def confidence(self, place: int) -> Confidence:
        """Of one edge."""
        scored = self.scored
        table, odds = scored.table, scored.log_odds
        known = bool(table.answers_known[place])
        of_prior = "edges with known answers" if known else "edges whose answers cannot be known"
        parts = [self._part(PRIOR, f"before any evidence, {of_prior}", float(odds.intercept[place]))]
        counts, values = odds.counts[int(known)], odds.parts[place].tolist()
        for number, feature in enumerate(Feature):
            if counts[number] or feature is Feature.ANSWERED:
                parts.append(self._part(feature.value, _sentence(feature, scored, place), values[number]))
        limit, why = scored.caps[place]
        capped = bool(odds.probability[place] > limit)
        return Confidence(
            value=round(float(scored.probability[place]), 4),
            parts=tuple(parts),
            cap=why if capped else "",
            scale=Scale.LOG_ODDS,
        )

    def _part(self, name: str, sentence: str, value: float) -> ConfidencePart:
        key = (name, sentence, round(value, 3) + 0.0)
        known = self._parts.get(key)
        if known is None:
            known = self._parts[key] = ConfidencePart(name=name, sentence=sentence, value=key[2])
        return known


def _sentence(feature: Feature, scored: ScoredEdges, place: int) -> str:  # noqa: C901, PLR0911 - one sentence a feature
    table = scored.table
    timing, edge = table.timing, table.edges[place]
    evidence = edge.evidence
    match feature:
        case Feature.DAYS:
            days, window = int(timing.days[place]), span_count(table.window, DAY)
            return f"seen on {min(days, window)} of {counted(window, 'day')}"
        case Feature.COVERAGE:
            return _coverage(scored, place)
        case Feature.ANSWERED:
            if not table.answers_known[place]:
                return "the capture cannot show whether it was answered"
            good = max(0, min(evidence.answered, evidence.connections - evidence.refused))
            return f"{good:,} of {counted(evidence.connections, 'connection')} answered"
        case Feature.REGULARITY:
            return f"its active hours are spaced {'evenly' if timing.regularity[place] >= _EVEN else 'unevenly'}"
        case Feature.PERIODICITY:
            share = float(timing.periodicity[place])
            period = "week" if timing.weekly[place] else "day"
            return (
                f"{share:.0%} of its active hours lie at one time of the {period}" if share else "no period to be seen"
            )
        case Feature.IDLENESS:
            return f"last seen {_ago(float(table.column(Feature.IDLENESS)[place]) * table.window)}"
        case Feature.FAN_OUT:
            touches = int(table.touches[place])
            if not touches:
                return "no passing contact"
            return f"one of {counted(touches, 'passing contact')} of its client"
        case Feature.CORROBORATION:
            return f"{counted(int(table.users[place]), 'other client')} regularly on the same port of the server"
        case Feature.SIBLINGS:
            return f"regularly done by {counted(int(table.siblings[place]), 'other workload')} of the client's role"


def _coverage(scored: ScoredEdges, place: int) -> str:
    edge, known = scored.table.edges[place], int(scored.table.pods_known[place])
    if not isinstance(edge.client, WorkloadEnd) and not isinstance(edge.server, WorkloadEnd):
        return "no end is a workload"
    role = "client" if isinstance(edge.client, WorkloadEnd) else "server"
    if not known:
        return f"the number of {role} pods is not known"
    shown = edge.evidence.client_pods if role == "client" else edge.evidence.server_pods
    return f"shown by {min(shown, known)} of {known} {role} {'pod' if known == 1 else 'pods'}"


def _ago(hours: float) -> str:
    if hours < 1:
        return "in the last hour of the window"
    length = f"{hours / DAY:.1f} days" if hours >= DAY else f"{hours:.0f} hours"
    return f"{length} before the end of the window"
