"""What rules may join, and what is known of the members they would join."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recommender.model.edge import AddressEnd, FqdnEnd
from recommender.model.widening import WideningLimits
from recommender.policy.reserved_networks import ReservedNetworks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.capture import Capture
    from recommender.model.edge import Edge
    from recommender.model.inventory import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """The limits of a run and the evidence that joins rest on."""

    limits: WideningLimits = field(default_factory=WideningLimits)
    edges: Mapping[str, Edge] = field(default_factory=dict)
    """Allowed edges by id."""
    reserved: ReservedNetworks = field(default_factory=ReservedNetworks.special)
    kept_out: frozenset[str] = frozenset()
    """DNS names that some group called and that were kept out of the policies: no pattern may match one."""
    until: int = 0
    """End of the capture, nanoseconds since the epoch."""

    @classmethod
    def of(
        cls,
        allowed: Iterable[Edge],
        *,
        limits: WideningLimits,
        own_addresses: Sequence[str],
        inventory: Inventory,
        kept_out: Iterable[Edge],
        capture: Capture,
    ) -> Joining:
        """Gather it; addresses and names of edges in `kept_out` are never opened by a join."""
        suspects = [edge.server for edge in kept_out]
        addresses = [end.address for end in suspects if isinstance(end, AddressEnd)]
        return cls(
            limits=limits,
            edges={edge.edge_id: edge for edge in allowed},
            reserved=ReservedNetworks.of(own_addresses, inventory, single=addresses),
            kept_out=frozenset(end.name for end in suspects if isinstance(end, FqdnEnd)),
            until=capture.last_seen,
        )
