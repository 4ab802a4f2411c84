"""What the capture shows: edges with evidence, the workloads behind them, and the capture as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.capture import Capture
    from recommender.model.edge import Edge, Workload
    from recommender.model.lookups import LookupLoad, UnconnectedNames


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The reduction of all flows; everything after it works on edges."""

    edges: tuple[Edge, ...]
    """Sorted by `Edge.sort_key`."""
    workloads: tuple[Workload, ...]
    """Every workload seen, sorted."""
    capture: Capture
    own_addresses: tuple[str, ...] = ()
    """Addresses of the cluster's nodes, pods and services, sorted: none of them is outside."""
    lookups: tuple[LookupLoad, ...] = ()
    """Clients and domains with many distinct names, sorted."""
    unconnected: tuple[UnconnectedNames, ...] = ()
    """By client, sorted: outside names that it resolved and never called."""
