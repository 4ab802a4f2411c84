"""From an observation to policies: groups, decisions, scores, rules and manifests.

The main job learns on the whole window; the backtest learns on its first part by the same steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.assess import (
    HORIZON_DAYS,
    Thresholds,
    decide,
    edge_confidences,
    judge_policies,
    score_edges,
)
from recommender.complement import missing_beside, take_up
from recommender.dialect import excluded_by_losses, write
from recommender.model.own_node import OwnNode
from recommender.model.recommendation import AssessedEdge
from recommender.semantics import replay
from recommender.synthesis import arrange, names_written, recommend_policies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.assess.breakage.judge import Judged
    from recommender.assess.scoring import ScoredEdges
    from recommender.complement import InForce, Missing
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, End, Workload
    from recommender.model.gap import Gap
    from recommender.model.group import Group
    from recommender.model.http_rule import HttpPair
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Dialect, Provenance, Written
    from recommender.model.observation import Observation
    from recommender.model.policy_set import PolicySet
    from recommender.model.replay import ReplayProof
    from recommender.observing import Progress
    from recommender.semantics import SemanticsSettings
    from recommender.settings import ResolvedSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What one observation teaches."""

    observation: Observation
    inventory: Inventory
    groups: tuple[Group, ...]
    group_gaps: tuple[Gap, ...]
    in_force: InForce
    policy_set: PolicySet
    scored: ScoredEdges
    judged: Mapping[str, Judged]
    """By the name of the policy."""
    assessed: Mapping[str, AssessedEdge]
    """By edge id, before what the dialect cannot say."""
    missing: Missing
    written: Written
    http_pairs: tuple[HttpPair, ...]
    reading: SemanticsSettings
    """How manifests are read."""

    @property
    def decided(self) -> dict[str, Decided]:
        """What becomes of every edge in the end, by its id."""
        return {**self.policy_set.decided, **excluded_by_losses(self.written.losses)}

    def prove(
        self, edges: Sequence[Edge], decided: Mapping[str, Decided], workloads: Sequence[Workload]
    ) -> ReplayProof:
        """Judge edges, these or later ones, by the manifests as written."""
        return replay(
            edges,
            decided,
            workloads=workloads,
            manifests=self.written.manifests,
            inventory=self.inventory,
            http_pairs=self.http_pairs,
            existing=self.in_force.judged,
            attested=self.missing.attested,
            promised=self.missing.promised,
            settings=self.reading,
        )


def learn(
    observation: Observation,
    inventory: Inventory,
    *,
    settings: ResolvedSettings,
    provenance: Provenance,
    progress: Progress,
    days: float = HORIZON_DAYS,
) -> Learned:
    """Group the workloads, decide about the edges, make and score policies, and write them; `days` to look ahead."""
    edges, workloads, capture = observation.edges, observation.workloads, observation.capture
    chosen = settings.settings
    progress.stage("grouping workloads")
    own_node_needs_rules = chosen.own_node is OwnNode.RULES
    grouping, group_gaps = arrange(observation, inventory, settings)
    groups = grouping.groups
    progress.stage("judging existing policies")
    in_force = take_up(
        inventory, edges, workloads, names_written(grouping, chosen), use=chosen.existing, dialect=chosen.dialect
    )
    decided = decide(
        edges,
        workloads=workloads,
        capture=capture,
        inventory=inventory,
        forbidden=in_force.forbidden_by,
        own_node_needs_rules=own_node_needs_rules,
        single_sightings=chosen.single_sightings,
    )

    progress.stage("writing policies")
    policy_set = recommend_policies(observation, grouping, decided, inventory, settings)
    scored = score_edges(edges, policy_set.decided, workloads=workloads, capture=capture, inventory=inventory)
    assessed = _assessed(scored, policy_set.decided, groups)
    thresholds = Thresholds(enforce=chosen.enforce_below, stage=chosen.stage_below)
    judged = judge_policies(policy_set.policies, scored, days=days, thresholds=thresholds)
    missing = missing_beside(in_force, policy_set.policies, edges)
    written = write(
        missing.policies,
        provenance.dialect,
        edges=assessed,
        confidences={name: one.confidence for name, one in judged.items()},
        verdicts={name: one.verdict for name, one in judged.items()},
        provenance=provenance,
        groups=groups,
        baselines=chosen.baselines,
    )
    return Learned(
        observation=observation,
        inventory=inventory,
        groups=groups,
        group_gaps=group_gaps,
        in_force=in_force,
        policy_set=policy_set,
        scored=scored,
        judged=judged,
        assessed=assessed,
        missing=missing,
        written=written,
        http_pairs=_said_pairs(policy_set.http_pairs, provenance.dialect),
        reading=replace(in_force.judge.settings, local_host_always_allowed=not own_node_needs_rules),
    )


def _assessed(scored: ScoredEdges, decided: Mapping[str, Decided], groups: Sequence[Group]) -> dict[str, AssessedEdge]:
    """Each edge with what becomes of it, how sure we are, and the groups at its ends."""
    group_of: dict[End, str] = {member: group.display for group in groups for member in group.members}
    confidences = edge_confidences(scored)
    return {
        edge_id: AssessedEdge(
            edge=edge,
            decided=decided[edge_id],
            confidence=confidences[edge_id],
            recurrence=round(float(scored.recurrence[place]), 4),
            client_group=group_of.get(edge.client, ""),
            server_group=group_of.get(edge.server, ""),
        )
        for place, (edge_id, edge) in enumerate(scored.context.edges.items())
    }


def _said_pairs(pairs: Sequence[HttpPair], dialect: Dialect) -> tuple[HttpPair, ...]:
    """The pairs as the manifests have them: a dialect without HTTP rules leaves all of them at layer 4."""
    if dialect.knows_http:
        return tuple(pairs)
    lost = f"the dialect {dialect.value} has no HTTP rules"
    return tuple(
        pair if pair.obstacle else replace(pair, written=False, obstacle=lost, remedy="Run with --dialect cilium.")
        for pair in pairs
    )
