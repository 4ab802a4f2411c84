"""What the detectors look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recommender.model.disposition import Disposition
from recommender.model.existing import ExistingPolicies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.model.capture import Capture, ClassCount, FlowClass
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload, WorkloadEnd
    from recommender.model.enforcement_plan import EnforcementPlan
    from recommender.model.exposure import GroupExposure
    from recommender.model.group import Group
    from recommender.model.inventory import Inventory
    from recommender.model.lookups import LookupLoad, UnconnectedNames
    from recommender.model.replay import ReplayProof


@dataclass(frozen=True, slots=True, kw_only=True)
class GapContext:
    """Everything a run knows once its edges are decided; all in a fixed order."""

    capture: Capture
    edges: Mapping[str, Edge]
    """By id, in the order of `Edge.sort_key`."""
    decided: Mapping[str, Decided]
    workloads: Mapping[WorkloadEnd, Workload]
    groups: tuple[Group, ...]
    inventory: Inventory
    proof: ReplayProof | None
    existing: ExistingPolicies = field(default_factory=ExistingPolicies)
    """What was found out about policies that are there already."""
    lookups: tuple[LookupLoad, ...] = ()
    """Clients and domains with many distinct names, sorted."""

    own_node_needs_rules: bool = False
    """Whether probes from a pod's own node need a rule."""

    plan: EnforcementPlan | None = None
    """What is about to be enforced."""

    unconnected: tuple[UnconnectedNames, ...] = ()
    """Outside names that were resolved and never called, by client."""

    exposures: tuple[GroupExposure, ...] = ()
    """What each group reaches, the widest first."""

    def with_disposition(self, *wanted: Disposition) -> Iterator[tuple[Edge, Decided]]:
        """Edges with one of these dispositions, in order."""
        for edge_id, edge in self.edges.items():
            decided = self.decided.get(edge_id)
            if decided is not None and decided.disposition in wanted:
                yield edge, decided

    def allowed(self) -> Iterator[Edge]:
        """Edges that the manifests must let through."""
        return (edge for edge, _ in self.with_disposition(Disposition.NEEDED, Disposition.REVIEW))

    def class_count(self, flow_class: FlowClass) -> ClassCount | None:
        """How many flows fell into a class, if any did."""
        return next((c for c in self.capture.classes if c.flow_class is flow_class and c.flows), None)
