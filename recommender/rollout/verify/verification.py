"""The replay of flows against manifests, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.assess.quarantine.dropped_only import REASON as ONLY_DENIED

if TYPE_CHECKING:
    from recommender.model.capture import Capture
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge
    from recommender.model.existing import ExistingRule
    from recommender.model.policy import Direction
    from recommender.model.replay import Denial
    from recommender.semantics.edge_trial import EdgeVerdict
    from recommender.semantics.policy_files import PolicySource


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedEdge:
    """An edge before the manifests."""

    edge: Edge
    decided: Decided
    verdict: EdgeVerdict

    @property
    def needed(self) -> bool:
        """Whether its connections are wanted, as far as flows show."""
        return self.decided.disposition.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What the flows say about the manifests, and the manifests about the flows."""

    policies: str
    """The path that was given."""
    tried: tuple[TriedEdge, ...]
    """Every edge, in the order of `Edge.sort_key`."""
    denied: tuple[TriedEdge, ...]
    """Needed ones that some combination of their ends' labels and addresses does not pass."""
    still_open: tuple[TriedEdge, ...]
    """Quarantined ones that pass."""
    requests: int
    """HTTP requests of needed edges that pass."""
    denied_requests: tuple[Denial, ...]
    rules: tuple[ExistingRule, ...]
    """Allow rules of the manifests with their use, sorted by policy, direction and path."""
    idle: tuple[str, ...]
    """Policies that select no known workload, sorted."""
    ungoverned: tuple[tuple[str, Direction], ...]
    """Workloads with a label set that no policy isolates in a direction, sorted."""
    workloads: int
    existing: int
    """Policies in force that were judged beside the manifests."""
    unjudged: tuple[tuple[str, str], ...]
    """(name, reason) of policies in force that could not be judged."""
    sources: tuple[PolicySource, ...]
    """The manifests' documents, for the places of rules."""
    capture: Capture

    @property
    def needed(self) -> int:
        """Edges whose connections are wanted."""
        return sum(item.needed for item in self.tried)

    @property
    def denied_already(self) -> tuple[TriedEdge, ...]:
        """Edges that were only ever denied, by no deny rule and in no scan, and that the manifests deny too."""
        return tuple(item for item in self.tried if item.decided.reason == ONLY_DENIED and not item.verdict.all_pass)

    @property
    def by_default(self) -> int:
        """Needed edges that pass although no rule allows them: nothing isolates their ends."""
        return sum(item.needed and item.verdict.all_pass and not item.verdict.allowed_by for item in self.tried)

    @property
    def unused(self) -> tuple[ExistingRule, ...]:
        """Rules that let no edge through but quarantined ones."""
        return tuple(rule for rule in self.rules if not rule.edges)
