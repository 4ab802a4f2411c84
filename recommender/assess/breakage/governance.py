"""Which policy governs which end of which edge, and which policies are alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recommender.assess.roles import role_names
from recommender.model.governing import governors
from recommender.model.policy import Direction

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from recommender.assess.scoring import ScoredEdges
    from recommender.model.edge import WorkloadEnd
    from recommender.model.policy import Policy

NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance:
    """Policies by number, in the order given; edges in the order of `ScoredEdges`."""

    policies: tuple[Policy, ...]
    sender: np.ndarray
    """The policy that may deny each edge at its client, or `NOBODY`."""
    receiver: np.ndarray
    """The policy that may deny each edge at its server, or `NOBODY`."""
    sends: np.ndarray
    """Which policies have an allowed edge that they govern at its client."""
    receives: np.ndarray
    namespace: np.ndarray
    """Number of each policy's namespace."""
    kin: np.ndarray
    """Number of each policy's role; policies of one number are siblings, wherever they are."""
    roles: Mapping[WorkloadEnd, str]

    @property
    def count(self) -> int:
        """How many policies."""
        return len(self.policies)

    def outgoing(self, per_edge: np.ndarray) -> np.ndarray:
        """The sum over the edges that each policy governs at their client."""
        return _sum(self.sender, per_edge, self.count)

    def incoming(self, per_edge: np.ndarray) -> np.ndarray:
        """The sum over the edges that each policy governs at their server."""
        return _sum(self.receiver, per_edge, self.count)

    def either(self, per_edge: np.ndarray) -> np.ndarray:
        """The sum over the edges that each policy governs at either end; one within a policy counts once."""
        same = (self.sender == self.receiver) & (self.sender != NOBODY)
        return np.asarray(self.outgoing(per_edge) + self.incoming(np.where(same, 0.0, per_edge)))


def govern(policies: Sequence[Policy], scored: ScoredEdges) -> Governance:
    """Look up who governs what."""
    senders, receivers = governors(policies, Direction.EGRESS), governors(policies, Direction.INGRESS)
    edges = scored.table.edges
    sender = np.array([senders.get(edge.client, NOBODY) for edge in edges], int)
    receiver = np.array([receivers.get(edge.server, NOBODY) for edge in edges], int)
    roles = role_names(scored.context.workloads.values())
    allowed = scored.allowed.astype(float)
    return Governance(
        policies=tuple(policies),
        sender=sender,
        receiver=receiver,
        sends=_sum(sender, allowed, len(policies)) > 0,
        receives=_sum(receiver, allowed, len(policies)) > 0,
        namespace=_numbered((policy.group.cluster, policy.group.namespace) for policy in policies),
        kin=_numbered(_role(policy, roles) for policy in policies),
        roles=roles,
    )


def mean_by(labels: np.ndarray, values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """The mean over the counted members of each member's label."""
    if not len(labels):
        return values
    totals = np.bincount(labels, values * counted)
    numbers = np.bincount(labels, counted.astype(float))
    return np.asarray((totals / np.maximum(numbers, 1))[labels])


def _role(policy: Policy, roles: Mapping[WorkloadEnd, str]) -> str:
    return min((roles.get(member, member.name) for member in policy.group.members), default=policy.name)


def _numbered(labels: Iterable[Hashable]) -> np.ndarray:
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels], int)


def _sum(owner: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    governed = owner != NOBODY
    return np.bincount(owner[governed], values[governed], minlength=count).astype(float)
