"""One edge before the policies: every combination of what its ends were seen as."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from recommender.model.connection import Connection, Outcome
from recommender.model.edge import WorkloadEnd
from recommender.model.policy import Direction
from recommender.model.replay import Denial
from recommender.semantics.judged_ends import clients_of, servers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.connection import DirectionJudgement, JudgedEndpoint
    from recommender.model.edge import Edge, Workload
    from recommender.model.http_request import HttpRequest
    from recommender.semantics.cluster_policies import ClusterPolicies


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeVerdict:
    """What the policies say about all combinations of an edge's ends together."""

    combinations: int
    denied: int
    """Combinations that at least one side denies."""
    reasons: tuple[tuple[Direction, str], ...] = ()
    """Direction and cause of the denials, each once, in order."""
    forbidden: int = 0
    """Of `denied`, those that a deny rule decides at some side."""
    forbidden_by: tuple[str, ...] = ()
    """The policies with these rules, sorted."""
    held_by: tuple[str, ...] = ()
    """Policies whose default deny decides at some side of some combination, sorted."""
    filtered_by: tuple[str, ...] = ()
    """Policies that let the connection pass, but with their HTTP rules not the request; sorted."""
    allowed_by: tuple[tuple[str, ...], ...] = ()
    """Policies whose allow rules decide together at one side of a combination that passes; each once, sorted."""

    @property
    def all_pass(self) -> bool:
        """Whether every combination passes (and there is one)."""
        return self.combinations > 0 and not self.denied

    @property
    def all_permitted_pass(self) -> bool:
        """Whether every combination passes that no deny rule forbids (and there is one)."""
        return self.forbidden < self.combinations and self.denied == self.forbidden

    @property
    def any_passes(self) -> bool:
        """Whether at least one combination passes."""
        return self.denied < self.combinations

    @property
    def direction(self) -> str:
        """`egress`, `ingress` or `egress and ingress`; the empty text if nothing was judged."""
        found = {direction for direction, _ in self.reasons}
        return " and ".join(
            direction.value for direction in (Direction.EGRESS, Direction.INGRESS) if direction in found
        )

    def denial(self, edge: Edge, reason: str) -> Denial:
        """The edge as a line of the proof."""
        return Denial(edge_id=edge.edge_id, edge=edge.key, direction=self.direction, reason=reason)

    @property
    def explanation(self) -> str:
        """What decided, in words."""
        if not self.combinations:
            return "no address of its ends can be read, so nothing could be judged"
        text = "; ".join(f"{direction.value}: {cause}" for direction, cause in self.reasons)
        if self.denied < self.combinations:
            text += f" (for {self.denied} of {self.combinations} combinations of labels and addresses)"
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeTrial:
    """Judges edges; remembers what workloads look like to the policies."""

    policies: ClusterPolicies
    workloads: Mapping[WorkloadEnd, Workload]
    _pods: dict[tuple[WorkloadEnd, str], tuple[JudgedEndpoint, ...]] = field(default_factory=dict, repr=False)

    def judge(self, edge: Edge, request: HttpRequest | None = None) -> EdgeVerdict:
        """Which combinations of the ends' label sets and addresses pass on the edge's port?

        With a request, whether that HTTP request passes as well.
        """
        combinations = denied = forbidden = 0
        reasons: dict[tuple[Direction, str], None] = {}
        forbidding: set[str] = set()
        allowing: set[tuple[str, ...]] = set()
        holding: set[str] = set()
        filtering: set[str] = set()
        for source, destination in product(self._clients(edge), self._servers(edge)):
            combinations += 1
            connection = Connection(source=source, destination=destination, protocol=edge.protocol, port=edge.port)
            judgement = self.policies.judge_request(connection, request) if request else self.policies.judge(connection)
            sides = (Direction.EGRESS, source, judgement.egress), (Direction.INGRESS, destination, judgement.ingress)
            if judgement.allowed:
                allowing.update(said.decided_by for _, _, said in sides if said.decided_by)
                continue
            denied += 1
            refusing = [side for side in sides if side[2].outcome is Outcome.DENIED]
            forbidding.update(*(said.decided_by for _, _, said in refusing if not said.redirect))
            filtering.update(*(said.decided_by for _, _, said in refusing if said.redirect))
            forbidden += any(said.decided_by and not said.redirect for _, _, said in refusing)
            holding.update(
                *(
                    self.policies.of(end).isolated_by(end, direction)
                    for direction, end, said in refusing
                    if not said.decided_by
                )
            )
            reasons |= {(direction, self._cause(direction, end, said)): None for direction, end, said in refusing}
        return EdgeVerdict(
            combinations=combinations,
            denied=denied,
            reasons=tuple(sorted(reasons)),
            forbidden=forbidden,
            forbidden_by=tuple(sorted(forbidding)),
            held_by=tuple(sorted(holding)),
            filtered_by=tuple(sorted(filtering)),
            allowed_by=tuple(sorted(allowing)),
        )

    def governs(self, edge: Edge, direction: Direction) -> bool:
        """Whether a policy has the edge's end on this side as its subject, in either direction."""
        ends = self._clients(edge) if direction is Direction.EGRESS else self._servers(edge)
        return any(self.policies.of(end).governing(end) for end in ends)

    def _clients(self, edge: Edge) -> tuple[JudgedEndpoint, ...]:
        if not isinstance(edge.client, WorkloadEnd):
            return self.policies.distinct(clients_of(edge, self.workloads))
        key = (edge.client, "client")
        if key not in self._pods:
            self._pods[key] = self.policies.distinct(clients_of(edge, self.workloads))
        return self._pods[key]

    def _servers(self, edge: Edge) -> tuple[JudgedEndpoint, ...]:
        if not isinstance(edge.server, WorkloadEnd):
            return self.policies.distinct(servers_of(edge, self.workloads))
        key = (edge.server, "server")
        if key not in self._pods:
            self._pods[key] = self.policies.distinct(servers_of(edge, self.workloads))
        return self._pods[key]

    def _cause(self, direction: Direction, end: JudgedEndpoint, said: DirectionJudgement) -> str:
        if said.redirect:
            return f"no HTTP rule of {', '.join(said.decided_by)} lets it pass"
        if said.decided_by:
            return f"denied by {', '.join(said.decided_by)}"
        isolating = self.policies.of(end).isolated_by(end, direction)
        return f"no rule allows it under {', '.join(isolating)}" if isolating else "no policy selects it yet"
