"""Did the server answer? Honest answers, among them that this capture could not have shown it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from recommender.model.edge import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.capture import Capture
    from recommender.model.edge import Edge, End, Evidence

_TIME_TO_ANSWER: Final = 30_000_000_000
"""Nanoseconds: several intervals of Cilium's monitor aggregation (5 s, hubble-quirks 11)."""
_MOST: Final = 0.5


class Answer(StrEnum):
    """What is known of the server's answers on an edge."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """Every connection was reset."""
    DROPPED = "dropped"
    """A policy stopped every connection: the server was never asked."""
    SILENT = "silent"
    """No answer, where answers would have been recorded."""
    UNKNOWN = "unknown"
    """No answer, but none could have been recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerIndex:
    """Where answers were recorded at all; tells silence from blindness."""

    capture_has_replies: bool
    last_seen: int
    answering: frozenset[tuple[str, End]]
    """(`client` or `server`, end) with at least one answered edge."""
    asked: Mapping[End, int]
    """TCP edges of a client."""
    heard: Mapping[End, int]
    """Those of them with an answer, even a refusal."""
    asked_in_all: int
    heard_in_all: int

    def answer(self, edge: Edge) -> Answer:
        """What is known of this edge's answers."""
        evidence = edge.evidence
        if evidence.connections and evidence.refused >= evidence.connections:
            return Answer.REFUSED
        if evidence.answered:
            return Answer.ANSWERED
        if only_dropped(evidence):
            return Answer.DROPPED
        return Answer.SILENT if self._would_show(edge) else Answer.UNKNOWN

    def _would_show(self, edge: Edge) -> bool:
        evidence = edge.evidence
        if (
            not self.capture_has_replies
            or not traced(evidence)
            or evidence.last_seen > self.last_seen - _TIME_TO_ANSWER
        ):
            return False
        if ("client", edge.client) in self.answering or ("server", edge.server) in self.answering:
            return True
        # Without the client's own edges: a scan must not lower the share that would convict it.
        asked = self.asked_in_all - self.asked.get(edge.client, 0)
        heard = self.heard_in_all - self.heard.get(edge.client, 0)
        return asked > 0 and heard / asked > _MOST


def only_dropped(evidence: Evidence) -> bool:
    """Whether policies stopped every connection."""
    verdicts = evidence.verdicts
    passed = verdicts.audited or verdicts.allowed_by_policy or verdicts.no_verdict
    return bool(verdicts.denied or verdicts.explicitly_denied) and not passed


def traced(evidence: Evidence) -> bool:
    """Whether more than policy verdicts was recorded; a verdict alone never shows the answer (hubble-quirks 9)."""
    return evidence.flows > evidence.egress_verdicts + evidence.ingress_verdicts


def index_answers(edges: Iterable[Edge], capture: Capture) -> AnswerIndex:
    """Count where answers were recorded."""
    asked: Counter[End] = Counter()
    heard: Counter[End] = Counter()
    answering: set[tuple[str, End]] = set()
    for edge in edges:
        replied = bool(edge.evidence.answered or edge.evidence.refused)
        if replied:
            answering |= {("client", edge.client), ("server", edge.server)}
        if edge.protocol is Protocol.TCP:
            asked[edge.client] += 1
            heard[edge.client] += replied
    return AnswerIndex(
        capture_has_replies=capture.reply_flows > 0,
        last_seen=capture.last_seen,
        answering=frozenset(answering),
        asked=asked,
        heard=heard,
        asked_in_all=asked.total(),
        heard_in_all=heard.total(),
    )
