"""The existing policies of one run, parsed once, and everything that is asked of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.semantics.cluster_policies import DEFAULT_CLUSTER, policies_by_cluster
from recommender.semantics.coverage import cover
from recommender.semantics.existing_set import enforced_with, without_names
from recommender.semantics.forbidden import forbidden_edges
from recommender.semantics.group_connectivity import group_reach, group_width, reach_changes
from recommender.semantics.known_ends import known_ends
from recommender.semantics.reading import policy_name
from recommender.semantics.rule_usage import rule_usage
from recommender.semantics.settings import settings_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.coverage import PolicyCoverage
    from recommender.model.dialect_width import DialectWidth
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload
    from recommender.model.existing import ExistingPolicy, ExistingRule, ForbiddenEdge, JudgedReach, ReachChange
    from recommender.model.group import Group
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Dialect
    from recommender.model.policy import Policy
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.existing_set import ExistingSet
    from recommender.semantics.known_ends import KnownEnd
    from recommender.semantics.manifest_documents import ManifestDocument
    from recommender.semantics.settings import SemanticsSettings


def clusters_of(workloads: Sequence[Workload]) -> tuple[str, ...]:
    """The clusters that workloads name, sorted; none where no flow carries a cluster's name."""
    found = {workload.end.cluster or labels.cluster for workload in workloads for labels in workload.label_sets}
    return tuple(sorted(found - {""}))


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesInForce:
    """Judges by the existing policies, alone or with manifests beside them."""

    found: ExistingSet
    policies: ClusterPolicies
    """Those that count."""
    settings: SemanticsSettings
    """Which CNI's reading to follow."""
    workloads: tuple[Workload, ...]
    inventory: Inventory
    cluster: str
    """The one that the inventory describes."""
    known: tuple[KnownEnd, ...]

    @classmethod
    def of(
        cls, found: ExistingSet, workloads: Sequence[Workload], inventory: Inventory, settings: SemanticsSettings
    ) -> PoliciesInForce:
        """Parse what counts among the found."""
        cluster = next(iter(clusters_of(workloads)), DEFAULT_CLUSTER)
        return cls(
            found=found,
            policies=policies_by_cluster(found.judged, workloads, inventory, settings),
            settings=settings,
            workloads=tuple(workloads),
            inventory=inventory,
            cluster=cluster,
            known=known_ends(workloads, inventory, cluster=cluster) if found.judged else (),
        )

    def in_dialect(self, dialect: Dialect) -> PoliciesInForce:
        """The same where this dialect is enforced: by its reading, without those that have no part in it."""
        judged = enforced_with(self.found.judged, dialect)
        kinds = {item.document.get("kind") for item in judged}
        return replace(self, found=replace(self.found, judged=judged), settings=settings_for(dialect, beside=kinds))

    def coverage(self, policies: Sequence[Policy], edges: Sequence[Edge]) -> Mapping[str, PolicyCoverage]:
        """What they say already of complete policies, by name."""
        return cover(policies, self.policies, self.workloads, edges)

    def forbidden(self, edges: Sequence[Edge]) -> tuple[ForbiddenEdge, ...]:
        """The edges that their deny rules match."""
        return forbidden_edges(edges, self.policies, self.workloads)

    def usage(self, edges: Sequence[Edge], decided: Mapping[str, Decided]) -> tuple[ExistingRule, ...]:
        """Their allow rules with their use."""
        return rule_usage(
            self.policies.by_cluster.get(self.cluster, self.policies.fallback),
            self.found.judged,
            edges=edges,
            decided=decided,
            workloads=self.workloads,
            known=self.known,
        )

    def standing(self, written: Sequence[ManifestDocument]) -> tuple[ExistingPolicy, ...]:
        """All of them, with how many known workloads each governs and which of our own are not written any more."""
        return self.found.settled({policy_name(item.document) for item in written}, self._selected())

    def _selected(self) -> dict[str, int]:
        governed: dict[str, set[str]] = {}
        for end in self.known:
            for name in self.policies.of(end.endpoint).governing(end.endpoint):
                governed.setdefault(name, set()).add(end.display)
        return {name: len(displays) for name, displays in governed.items()}

    def reach(self, groups: Sequence[Group]) -> tuple[JudgedReach, ...]:
        """What each group may reach by them alone."""
        return group_reach(groups, self.policies, self.workloads)

    def reach_with(self, groups: Sequence[Group], written: Sequence[ManifestDocument]) -> tuple[JudgedReach, ...]:
        """What each group may reach by them and what was written together."""
        return group_reach(groups, self._with(written), self.workloads)

    def width_with(self, groups: Sequence[Group], written: Sequence[ManifestDocument]) -> DialectWidth:
        """How much is open by them and what was written together."""
        return group_width(groups, self._with(written), self.workloads)

    def changes(self, groups: Sequence[Group], written: Sequence[ManifestDocument]) -> tuple[ReachChange, ...]:
        """What was written changes against an earlier run's output, existing policies beside both."""
        before, after = self._with(self.found.own), self._with(written)
        return reach_changes(groups, before, after, self.workloads)

    def _with(self, documents: Sequence[ManifestDocument]) -> ClusterPolicies:
        existing = without_names(self.found.judged, documents)
        return policies_by_cluster((*existing, *documents), self.workloads, self.inventory, self.settings)
