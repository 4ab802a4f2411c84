"""What existing policies have to do with the place of an edge in the replay proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recommender.model.edge import Edge
    from recommender.model.http_request import HttpRequest
    from recommender.model.policy import Direction
    from recommender.model.replay import Denial
    from recommender.semantics.edge_trial import EdgeTrial, EdgeVerdict

_LEARNED: Final = "its DNS name is learned by the DNS rule of an existing policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The existing policies that are judged together with the manifests."""

    names: frozenset[str]
    alone: EdgeTrial
    """Judges by the manifests alone."""
    attested: Mapping[str, frozenset[Direction]]
    """By edge id, the directions that are left to policies which only flows name."""
    promised: Mapping[str, frozenset[Direction]]
    """By edge id, the directions that are left to existing policies because their texts allow them."""

    def is_attested(self, edge: Edge, verdict: EdgeVerdict) -> bool:
        """Whether only directions deny it that are left to policies known by name."""
        directions = {direction for direction, _ in verdict.reasons}
        left = self.attested.get(edge.edge_id, frozenset())
        return not verdict.forbidden and bool(directions) and directions <= left

    def is_beyond_us(self, edge: Edge, verdict: EdgeVerdict) -> bool:
        """Whether default deny of existing policies decides, at pods for which no manifest speaks or was left out."""
        directions = {direction for direction, _ in verdict.reasons}
        if not verdict.held_by or not self.names.issuperset(verdict.held_by):
            return False
        if directions & self.promised.get(edge.edge_id, frozenset()):
            return False
        return not any(self.alone.governs(edge, direction) for direction in directions)

    def filters(self, verdict: EdgeVerdict) -> bool:
        """Whether only HTTP rules of existing policies turn a request away."""
        return bool(verdict.filtered_by) and self.names.issuperset(verdict.filtered_by) and not verdict.held_by

    def was_promised(self, edge: Edge) -> bool:
        """Whether some direction of the edge is left to existing policies because their texts allow it."""
        return edge.edge_id in self.promised

    def opens(self, edge: Edge, request: HttpRequest) -> bool:
        """Whether a request passes because of existing policies, not because of the manifests."""
        return bool(self.names) and (self.was_promised(edge) or not self.alone.judge(edge, request).any_passes)

    def dependent(self, allowed: Iterable[tuple[Edge, EdgeVerdict]]) -> Iterator[Denial]:
        """Needed edges that pass, but would not by the manifests alone."""
        for edge, verdict in allowed if self.names else ():
            without = self.alone.judge(edge)
            if not without.all_pass:
                names = self._allowing(verdict)
                yield without.denial(edge, f"allowed by {names}" if names else _LEARNED)

    def opened(self, still_open: Iterable[tuple[Edge, EdgeVerdict]]) -> Iterator[Denial]:
        """Quarantined edges that pass one of their sides by rules of existing policies alone."""
        for edge, verdict in still_open:
            if any(self.names.issuperset(names) for names in verdict.allowed_by):
                yield verdict.denial(edge, f"allowed by {self._allowing(verdict)}")

    def _allowing(self, verdict: EdgeVerdict) -> str:
        return ", ".join(sorted(self.names.intersection(name for names in verdict.allowed_by for name in names)))
