"""What speaks for or against the need of an edge, as numbers: one row an edge, one column a feature."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.assess.answers import Answer
from recommender.assess.ends import is_outside
from recommender.assess.ports import EPHEMERAL_FROM
from recommender.assess.roles import role_names, role_of_end
from recommender.assess.timing import DAY, span_count, timing_of
from recommender.model.edge import EntityEnd, WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from recommender.assess.context import EdgeContext
    from recommender.assess.timing import Timing
    from recommender.model.edge import Edge, Evidence

REGULAR_HOURS: Final = 3
"""Active hours from which an edge speaks for another."""
RARE_HOURS: Final = 2
"""Active hours up to which a contact is a mere touch."""
_MANY_USERS: Final = 2.0
_MANY_SIBLINGS: Final = 1.4
_FEW_TOUCHES: Final = 1.8
"""ln(1 + 5): so many touches are nothing unusual in a window."""


class Feature(StrEnum):
    """A column of the table; the name of its coefficient and of its part."""

    DAYS = "days"
    COVERAGE = "replicas"
    ANSWERED = "answers"
    REGULARITY = "regularity"
    PERIODICITY = "periodicity"
    IDLENESS = "idleness"
    FAN_OUT = "fan-out"
    CORROBORATION = "corroboration"
    SIBLINGS = "siblings"

    @property
    def speaks_for(self) -> bool:
        """Whether more of it can only raise a confidence (else only lower it)."""
        return self not in {Feature.IDLENESS, Feature.FAN_OUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTable:
    """The features of all edges, and the counts behind them for whoever puts them into words."""

    edges: tuple[Edge, ...]
    values: np.ndarray
    """(edges, features), in the order of `Feature`."""
    answers_known: np.ndarray
    """Whether the capture shows if the server answered; where not, ANSWERED is 0 and must not be weighed."""
    timing: Timing
    window: int
    """Hours."""
    pods_known: np.ndarray
    """Pods of the end whose coverage counts; 0 if unknown."""
    touches: np.ndarray
    """Rare contacts inside the cluster of the edge's client, itself among them; 0 if the edge is none."""
    users: np.ndarray
    """Other clients that regularly use the same port of the same server."""
    siblings: np.ndarray
    """Other workloads of the client's role that regularly do the same."""

    def column(self, feature: Feature) -> np.ndarray:
        """One feature of all edges."""
        return self.values[:, tuple(Feature).index(feature)]


def measure_features(context: EdgeContext) -> FeatureTable:
    """Measure every edge of the capture, in the order of `EdgeContext.edges`."""
    edges = tuple(context.edges.values())
    window = context.capture.hour_count
    timing = timing_of([edge.evidence for edge in edges], window)
    pods = np.array([_coverage_pods(edge, context) for edge in edges], float).reshape(len(edges), 2)
    known = np.array([context.answers.answer(edge) not in {Answer.UNKNOWN, Answer.DROPPED} for edge in edges], bool)
    answered = np.array([answered_share(edge.evidence) for edge in edges], float)
    touches = _touches(edges, timing)
    users, siblings = _supporters(edges, timing, context)
    columns = {
        Feature.DAYS: np.log(np.maximum(timing.days, 1) / span_count(window, DAY)),
        Feature.COVERAGE: _coverage(pods[:, 0], pods[:, 1], timing.hours),
        Feature.ANSWERED: np.where(known, answered, 0.0),
        Feature.REGULARITY: timing.regularity,
        Feature.PERIODICITY: timing.periodicity,
        Feature.IDLENESS: _idle_share(timing, edges, context),
        Feature.FAN_OUT: np.maximum(0.0, np.log1p(touches) - _FEW_TOUCHES),
        Feature.CORROBORATION: np.minimum(np.log1p(users), _MANY_USERS),
        Feature.SIBLINGS: np.minimum(np.log1p(siblings), _MANY_SIBLINGS),
    }
    return FeatureTable(
        edges=edges,
        values=np.column_stack([columns[feature] for feature in Feature]),
        answers_known=known,
        timing=timing,
        window=window,
        pods_known=pods[:, 1],
        touches=touches,
        users=users,
        siblings=siblings,
    )


def answered_share(evidence: Evidence) -> float:
    """Share of the connections that the server answered by more than a reset, 0 to 1."""
    good = max(0, min(evidence.answered, evidence.connections - evidence.refused))
    return min(1.0, good / evidence.connections) if evidence.connections else 0.0


def _coverage(shown: np.ndarray, known: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Pods that showed an edge, over those that would have if its hours had fallen on pods by chance; at most 1.

    Of n pods, x hours drawn at random reach n (1 - (1 - 1/n)^x). A workload's need comes from all of its pods sooner or
    later; what a person or an intruder does comes from one, however often. 1 where the pods are not known.
    """
    pods = np.maximum(known, 1)
    expected = pods * -np.expm1(hours * np.log1p(-np.minimum(1 / pods, 1 - 1e-12)))
    return np.where(known > 0, np.minimum(1.0, shown / np.maximum(expected, 1.0)), 1.0)


def _coverage_pods(edge: Edge, context: EdgeContext) -> tuple[int, int]:
    """Pods that showed the edge and pods known, of the client, or of the server if the client is no workload."""
    evidence = edge.evidence
    for end, shown in ((edge.client, evidence.client_pods), (edge.server, evidence.server_pods)):
        if isinstance(end, WorkloadEnd):
            workload = context.workload(end)
            return shown, len(workload.pods) if workload else 0
    return 0, 0


def _idle_share(timing: Timing, edges: Sequence[Edge], context: EdgeContext) -> np.ndarray:
    """Share of the window since the last sighting, 0 to 1."""
    length = max(context.capture.last_seen - context.capture.first_seen, 1)
    since = np.array([context.capture.last_seen - edge.evidence.last_seen for edge in edges], float)
    hours = max(context.capture.hour_count, 1)
    return np.clip(np.where(timing.recorded, (hours - 1 - timing.last) / hours, since / length), 0.0, 1.0)


def _touches(edges: Sequence[Edge], timing: Timing) -> np.ndarray:
    """How many rare contacts does the client of a rare contact have in the whole window?

    Counted over the window and not over an hour, so that a scan that takes days stands out as one of minutes does.
    Outside addresses change behind one name and dynamic ports are new each time, so neither is a target of its own;
    entities stand for many parties.
    """
    rare = [
        timing.hours[place] <= RARE_HOURS and not is_outside(edge.server) and not isinstance(edge.client, EntityEnd)
        for place, edge in enumerate(edges)
    ]
    targets: defaultdict[Hashable, set[Hashable]] = defaultdict(set)
    for edge, is_rare in zip(edges, rare, strict=True):
        if is_rare:
            targets[edge.client].add((edge.server, edge.protocol, min(edge.port, EPHEMERAL_FROM)))
    return np.array([len(targets[edge.client]) if is_rare else 0 for edge, is_rare in zip(edges, rare, strict=True)])


def _supporters(edges: Sequence[Edge], timing: Timing, context: EdgeContext) -> tuple[np.ndarray, np.ndarray]:
    """Other regular clients of the same port of the server, and siblings that do the same, of every edge."""
    roles = role_names(context.workloads.values())
    users: Counter[Hashable] = Counter()
    siblings: defaultdict[Hashable, set[Hashable]] = defaultdict(set)
    alike = [
        (roles.get(edge.client, "") if isinstance(edge.client, WorkloadEnd) else "",
         role_of_end(edge.server, roles), edge.protocol, edge.port)
        for edge in edges
    ]  # fmt: skip
    regular = timing.hours >= REGULAR_HOURS
    for edge, token, counts in zip(edges, alike, regular, strict=True):
        if counts:
            users[edge.server, edge.protocol, edge.port] += 1
            siblings[token].add(edge.client)
    others = [users[edge.server, edge.protocol, edge.port] - int(own) for edge, own in zip(edges, regular, strict=True)]
    same = [
        len(siblings[token] - {edge.client}) if token[0] and token in siblings else 0
        for edge, token in zip(edges, alike, strict=True)
    ]
    return np.array(others), np.array(same)
