"""Edges that a person left out, let out of quarantine, or keeps although nothing showed them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from recommender.model.decision import EdgeChoice
from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import WorkloadEnd
from recommender.review.edge_text import edge_from_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from recommender.model.decision import Decisions, EdgeDecision, RuleDecision
    from recommender.model.edge import Edge, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeOutcome:
    """The edges of a run once decisions about them are followed."""

    edges: tuple[Edge, ...]
    """Those observed, and those kept or forced although nothing showed them."""
    decided: Mapping[str, Decided]
    """By `Edge.edge_id`."""
    kept: tuple[str, ...] = ()
    """Ids of the latter, sorted."""
    followed: tuple[tuple[EdgeDecision | RuleDecision, tuple[str, ...]], ...] = ()
    """Decisions that changed something, and the edges (`Edge.key`) in which they did."""
    unfollowed: tuple[tuple[EdgeDecision | RuleDecision, str], ...] = ()
    """Decisions that changed nothing or could not be followed, and why."""


def obey_edges(
    edges: Sequence[Edge],
    decided: Mapping[str, Decided],
    decisions: Decisions,
    *,
    workloads: Iterable[Workload],
    day: date,
) -> EdgeOutcome:
    """What becomes of the edges when people's decisions come before ours?

    Args:
        edges: All edges of the capture.
        decided: What the run made of each.
        decisions: Of a decisions file; `exclude` beats `force` and `release`, which beat `keep`.
        workloads: Those that ends may name; an edge that nothing showed is added only between known ends.
        day: The day on which the capture ends, which decisions expire by.
    """
    if not decisions.edges and not decisions.rules:
        return EdgeOutcome(edges=tuple(edges), decided=decided)
    run = _Run(
        edges={edge.key: edge for edge in edges},
        decided=dict(decided),
        known=frozenset(workload.end for workload in workloads),
    )
    for rule in decisions.rules:
        run.keep(rule, expired=not rule.signed.counts_on(day))
    order = (EdgeChoice.RELEASE, EdgeChoice.FORCE, EdgeChoice.EXCLUDE)
    for decision in sorted(decisions.edges, key=lambda item: (order.index(item.choice), item.edge)):
        run.follow(decision, expired=not decision.signed.counts_on(day))
    return run.outcome()


@dataclass(slots=True, kw_only=True)
class _Run:
    edges: dict[str, Edge]
    decided: dict[str, Decided]
    known: frozenset[WorkloadEnd]
    kept: set[str] = field(default_factory=set)
    followed: list[tuple[EdgeDecision | RuleDecision, tuple[str, ...]]] = field(default_factory=list)
    unfollowed: list[tuple[EdgeDecision | RuleDecision, str]] = field(default_factory=list)

    def keep(self, rule: RuleDecision, *, expired: bool) -> None:
        """Bring back the rule's edges that nothing showed."""
        if expired:
            self.unfollowed.append((rule, f"it expired on {rule.signed.expires}"))
            return
        missing = [key for key in rule.edges if key not in self.edges]
        added = tuple(key for key in missing if self._add(key, f"kept {rule.signed.by}; not seen in this window"))
        if added:
            self.followed.append((rule, added))
        if len(added) < len(missing):
            self.unfollowed.append((rule, "an end of it is no workload that this run knows"))

    def follow(self, decision: EdgeDecision, *, expired: bool) -> None:
        """Do as one decision says, if it still counts and there is something to do."""
        if expired:
            self.unfollowed.append((decision, f"it expired on {decision.signed.expires}"))
            return
        why_not = self._change(decision)
        if why_not:
            self.unfollowed.append((decision, why_not))
        else:
            self.followed.append((decision, (decision.edge,)))

    def _change(self, decision: EdgeDecision) -> str:
        """Why nothing was changed; empty if something was."""
        edge, by = self.edges.get(decision.edge), decision.signed.by
        if edge is None and decision.choice is not EdgeChoice.FORCE:
            return "the edge was not seen in this window"
        if edge is None:
            added = self._add(decision.edge, f"forced {by}; not seen in this window")
            return "" if added else "an end of it is no workload that this run knows"
        before = self.decided[edge.edge_id].disposition
        match decision.choice:
            case EdgeChoice.EXCLUDE:
                after = Decided(disposition=Disposition.EXCLUDED, reason=f"excluded {by}", by_person=True)
            case EdgeChoice.RELEASE if before is not Disposition.QUARANTINED:
                return f"the edge is not in quarantine but {before.value}"
            case EdgeChoice.FORCE if before.allowed:
                return f"the edge is {before.value} anyway"
            case EdgeChoice.RELEASE:
                after = Decided(disposition=Disposition.NEEDED, reason=f"released {by}", by_person=True)
            case EdgeChoice.FORCE:
                after = Decided(disposition=Disposition.NEEDED, reason=f"forced {by}", by_person=True)
            case _:
                assert_never(decision.choice)
        self.decided[edge.edge_id] = after
        return ""

    def _add(self, key: str, reason: str) -> bool:
        edge = edge_from_key(key)
        ends = () if edge is None else (edge.client, edge.server)
        if edge is None or any(isinstance(end, WorkloadEnd) and end not in self.known for end in ends):
            return False
        self.edges[key] = edge
        self.decided[edge.edge_id] = Decided(disposition=Disposition.NEEDED, reason=reason, by_person=True)
        self.kept.add(edge.edge_id)
        return True

    def outcome(self) -> EdgeOutcome:
        """Everything, in a fixed order."""
        ordered = sorted(self.edges.values(), key=lambda edge: edge.sort_key)
        return EdgeOutcome(
            edges=tuple(ordered),
            decided={edge.edge_id: self.decided[edge.edge_id] for edge in ordered},
            kept=tuple(sorted(self.kept)),
            followed=tuple(self.followed),
            unfollowed=tuple(self.unfollowed),
        )
