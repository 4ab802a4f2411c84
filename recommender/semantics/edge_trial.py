"""One edge before the policies: every combination of what its ends were seen as."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from recommender.model.connection import Connection, Outcome
from recommender.model.edge import WorkloadEnd
from recommender.model.policy import Direction
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

    @property
    def all_pass(self) -> bool:
        """Whether every combination passes (and there is one)."""
        return self.combinations > 0 and not self.denied

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
        combinations = denied = 0
        reasons: dict[tuple[Direction, str], None] = {}
        for source, destination in product(self._clients(edge), self._servers(edge)):
            combinations += 1
            connection = Connection(source=source, destination=destination, protocol=edge.protocol, port=edge.port)
            judgement = self.policies.judge_request(connection, request) if request else self.policies.judge(connection)
            if judgement.allowed:
                continue
            denied += 1
            for direction, end, said in (
                (Direction.EGRESS, source, judgement.egress),
                (Direction.INGRESS, destination, judgement.ingress),
            ):
                if said.outcome is Outcome.DENIED:
                    reasons[direction, self._cause(direction, end, said)] = None
        return EdgeVerdict(combinations=combinations, denied=denied, reasons=tuple(sorted(reasons)))

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
