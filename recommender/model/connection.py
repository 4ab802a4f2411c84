"""A connection to be judged: what `semantics` is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.edge import Protocol
    from recommender.model.entity import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class PodEndpoint:
    """A pod managed by the CNI."""

    namespace: str
    name: str
    labels: tuple[tuple[str, str], ...]
    """Pod labels only, sorted."""
    service_account: str = "default"
    cluster: str = "default"
    named_ports: tuple[tuple[str, str, int], ...] = ()
    addresses: tuple[str, ...] = ()
    """Only needed for CNIs whose CIDR rules match pods; of all pods that it stands for, any of which may match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityEndpoint:
    """A reserved entity, such as host (the pod's own node) or world (the bare identity, not an address)."""

    entity: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressEndpoint:
    """An address outside the cluster."""

    address: str
    names: tuple[str, ...] = ()
    """DNS names looked up for it through the DNS proxy."""
    kube_apiserver: bool = False
    """An API server outside the cluster."""


JudgedEndpoint = PodEndpoint | EntityEndpoint | AddressEndpoint


class Outcome(StrEnum):
    """One direction's answer."""

    ALLOWED = "allowed"
    DENIED = "denied"
    NOT_APPLICABLE = "n/a"
    """That end has no policy of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A new connection: source opens it to destination."""

    source: JudgedEndpoint
    destination: JudgedEndpoint
    protocol: Protocol
    port: int
    """Destination port; for ICMP the message type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionJudgement:
    """What the policies of one end say."""

    outcome: Outcome
    redirect: bool = False
    """Allowed, and sent to the L7 proxy."""
    decided_by: tuple[str, ...] = ()
    """`Kind/namespace/name` of the deciding policies; empty for default allow and default deny."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Does it pass?"""

    egress: DirectionJudgement
    ingress: DirectionJudgement

    @property
    def allowed(self) -> bool:
        """A connection passes if neither side denies it."""
        return Outcome.DENIED not in {self.egress.outcome, self.ingress.outcome}
