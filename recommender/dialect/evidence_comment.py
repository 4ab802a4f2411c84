"""Why does this rule stand here? Its evidence in a few comment lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from recommender.dialect.wording import baseline_text, port_text, rule_text
from recommender.model.disposition import Disposition
from recommender.model.edge import STRONG_REASONS
from recommender.model.policy import FqdnPeer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.edge import Edge
    from recommender.model.policy import Rule
    from recommender.model.recommendation import AssessedEdge

NOT_SEEN = "not seen in this capture; it may ask at its next start"
KEPT = "not seen in this capture; kept by decision"
WINDOW_ONLY = (
    "HTTP: only methods and paths of this window (queries are not stored: any may follow); the rest is answered 403",
    "rules elsewhere that allow more on this port from this peer add to these",
)
_MAX_LISTED = 5
_NANOSECONDS = 1_000_000_000
_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceText:
    """The assessed edges by id, told rule by rule."""

    edges: Mapping[str, AssessedEdge]

    def comments(self, rule: Rule) -> tuple[str, ...]:
        """What the rule is, what it rests on, how sure we are, and what a person must look at."""
        title = f"{rule_text(rule)} (baseline: {baseline_text(rule.baseline)})" if rule.baseline else rule_text(rule)
        edges = [self.edges[edge_id] for edge_id in rule.edges]
        if len(edges) > 1:
            edges.sort(key=lambda assessed: assessed.edge.sort_key)
        seen = [assessed for assessed in edges if assessed.edge.evidence.seen]
        if not edges:
            return (title, NOT_SEEN)
        if not seen:
            return (title, *_by_persons(edges))
        return (
            title,
            *_by_persons(edges),
            *_port_names(rule),
            _extent(seen),
            _confidence(seen),
            *_widenings(rule),
            *_reviews(seen),
            *_weak_directions(seen),
            *_sample(seen),
            *(WINDOW_ONLY if rule.http else ()),
        )

    def brief(self, rule: Rule) -> str:
        """The rule's evidence in half a line."""
        seen = [self.edges[edge_id] for edge_id in rule.edges if self.edges[edge_id].edge.evidence.seen]
        if not seen:
            return KEPT if rule.edges else NOT_SEEN
        evidence = [assessed.edge.evidence for assessed in seen]
        connections = sum(one.connections for one in evidence)
        days = max(one.active_days for one in evidence)
        lowest = min(assessed.confidence.value for assessed in seen)
        last = utc_minute(max(one.last_seen for one in evidence))
        reviews = "; ".join(_reviews(seen))
        return f"connections {connections}, days {days}, last {last}, confidence {lowest:.2f}" + (
            f"; {reviews}" if reviews else ""
        )


def utc_minute(nanoseconds: int) -> str:
    """A time in nanoseconds since the epoch as `2025-11-03 14:05Z`."""
    return _minute(nanoseconds // _NANOSECONDS // _SECONDS)


@lru_cache(maxsize=1 << 14)
def _minute(minutes: int) -> str:
    return datetime.fromtimestamp(minutes * _SECONDS, tz=UTC).strftime("%Y-%m-%d %H:%MZ")


def _extent(seen: Sequence[AssessedEdge]) -> str:
    """Counts over all edges of the rule; distinct things cannot be added up, so their largest count stands."""
    evidence = [assessed.edge.evidence for assessed in seen]
    connections = sum(one.connections for one in evidence)
    pods = (
        f"{max(one.client_pods for one in evidence)} client and {max(one.server_pods for one in evidence)} server pods"
    )
    days = max(one.active_days for one in evidence)
    hours = max(one.active_hours for one in evidence)
    first = utc_minute(min(one.first_seen for one in evidence))
    last = utc_minute(max(one.last_seen for one in evidence))
    at_least = "" if len(evidence) == 1 else f"{len(evidence)} edges, at least: "
    return f"{at_least}connections {connections}, {pods}, days {days}, hours {hours}, seen {first} to {last}"


def _confidence(seen: Sequence[AssessedEdge]) -> str:
    weakest = min(seen, key=lambda assessed: (assessed.confidence.value, assessed.edge.edge_id))
    text = f"confidence {weakest.confidence.band.value} ({weakest.confidence.value:.2f})"
    if len(seen) > 1:
        text += f", the lowest of {len(seen)} edges: {_port(weakest.edge)}"
    return f"{text}; capped: {weakest.confidence.cap}" if weakest.confidence.cap else text


def _port_names(rule: Rule) -> tuple[str, ...]:
    """What the server's pods call the ports; where they disagree, that the number was seen and the name means more."""
    lines = []
    for named in rule.port_names[:_MAX_LISTED]:
        line = f"{port_text(named.port)} is named {named.name} at the server"
        if len(named.numbers) > 1:
            numbers = ", ".join(str(number) for number in named.numbers[:_MAX_LISTED])
            line += f", which its pods give to different numbers ({numbers}): written as seen"
        lines.append(line)
    return tuple(lines)


def _widenings(rule: Rule) -> tuple[str, ...]:
    lines = [f"WIDER THAN SEEN: {widening.sentence}" for widening in rule.widenings]
    names = rule.peer.names if isinstance(rule.peer, FqdnPeer) else ()
    if names:
        rest = len(names) - _MAX_LISTED
        lines.append(f"names seen: {', '.join(names[:_MAX_LISTED])}" + (f" and {rest} more" if rest > 0 else ""))
    return tuple(lines)


def _by_persons(edges: Sequence[AssessedEdge]) -> tuple[str, ...]:
    """The edges that stand here because a person said so."""
    marked = [one for one in edges if one.decided.by_person]
    lines = [f"BY DECISION {_port(one.edge)}: {one.decided.reason}" for one in marked[:_MAX_LISTED]]
    rest = len(marked) - _MAX_LISTED
    return (*lines, f"BY DECISION: {rest} more edges of this rule") if rest > 0 else tuple(lines)


def _reviews(seen: Sequence[AssessedEdge]) -> tuple[str, ...]:
    """The edges that a person must look at, those with the same reason in one line."""
    by_reason: defaultdict[str, list[AssessedEdge]] = defaultdict(list)
    for one in seen:
        if one.decided.disposition is Disposition.REVIEW:
            by_reason[one.decided.reason or "marked for a person"].append(one)
    marked = list(by_reason.items())
    lines = [f"REVIEW {_port(alike[0].edge)}{_others(alike)}: {reason}" for reason, alike in marked[:_MAX_LISTED]]
    rest = sum(len(alike) for _, alike in marked[_MAX_LISTED:])
    return (*lines, f"REVIEW: {rest} more edges of this rule") if rest > 0 else tuple(lines)


def _others(alike: Sequence[AssessedEdge]) -> str:
    return f" and {len(alike) - 1} more" if len(alike) > 1 else ""


def _weak_directions(seen: Sequence[AssessedEdge]) -> tuple[str, ...]:
    """Edges whose direction rests on port numbers alone for most connections (hubble-quirks 2)."""
    lines = []
    for assessed in seen:
        weak = [(reason, count) for reason, count in assessed.edge.evidence.reasons if reason not in STRONG_REASONS]
        total = sum(count for _, count in assessed.edge.evidence.reasons)
        guessed = sum(count for _, count in weak)
        if weak and 2 * guessed > total:
            how = ", ".join(sorted(reason.value for reason, _ in weak))
            lines.append(f"direction of {_port(assessed.edge)} is weak: {guessed} of {total} connections by {how}")
    return tuple(lines[:_MAX_LISTED])


def _sample(seen: Sequence[AssessedEdge]) -> tuple[str, ...]:
    first = min((uuid for assessed in seen for uuid in assessed.edge.evidence.sample_uuids), default="")
    return (f"sample flow {first}",) if first else ()


def _port(edge: Edge) -> str:
    return f"{edge.protocol.value}/{edge.port}"
