"""From an observation to policies: groups, decisions, scores, rules and manifests.

The main job learns on the whole window; the backtest learns on its first part by the same steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
from recommender.review import obey_edges
from recommender.reviewing import VOUCHED
from recommender.semantics import replay
from recommender.semantics.manifest_documents import ManifestReader
from recommender.synthesis import arrange, names_written, recommend_policies, said_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from recommender.assess.breakage.judge import Judged
    from recommender.assess.scoring import ScoredEdges
    from recommender.complement import InForce, Missing
    from recommender.model.decision import Decisions
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, End, Workload
    from recommender.model.gap import Gap
    from recommender.model.group import Group
    from recommender.model.http_rule import HttpPair
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Manifest, Provenance, Written
    from recommender.model.observation import Observation
    from recommender.model.policy_set import PolicySet
    from recommender.model.replay import ReplayProof
    from recommender.observing import Progress
    from recommender.review import EdgeOutcome
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
    decisions: Decisions
    day: date
    outcome: EdgeOutcome
    """What people's decisions made of the edges."""
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
    reader: ManifestReader = field(default_factory=ManifestReader)
    """Reads each of them once."""

    @property
    def decided(self) -> dict[str, Decided]:
        """What becomes of every edge in the end, by its id."""
        return {**self.policy_set.decided, **excluded_by_losses(self.written.losses)}

    def prove(
        self,
        edges: Sequence[Edge],
        decided: Mapping[str, Decided],
        workloads: Sequence[Workload],
        *,
        manifests: Sequence[Manifest] | None = None,
        last: bool = False,
    ) -> ReplayProof:
        """Judge edges, these or later ones, by these manifests, or by all as written; `last`: no proof follows."""
        return replay(
            edges,
            decided,
            workloads=workloads,
            manifests=self.written.manifests if manifests is None else manifests,
            inventory=self.inventory,
            http_pairs=self.http_pairs,
            existing=self.in_force.judged,
            attested=self.missing.attested,
            promised=self.missing.promised,
            settings=self.reading,
            reader=self.reader,
            last=last,
        )


def learn(
    observation: Observation,
    inventory: Inventory,
    *,
    settings: ResolvedSettings,
    provenance: Provenance,
    progress: Progress,
    decisions: Decisions,
    day: date,
    days: float = HORIZON_DAYS,
) -> Learned:
    """Group the workloads, decide about the edges, make and score policies, and write them.

    `decisions` are those of people, which expire by `day`; `days` is how far scores look ahead.
    """
    seen, workloads, capture = observation.edges, observation.workloads, observation.capture
    chosen = settings.settings
    progress.stage("grouping workloads")
    own_node_needs_rules = chosen.own_node is OwnNode.RULES
    grouping, group_gaps = arrange(observation, inventory, settings)
    groups = grouping.groups
    progress.stage("judging existing policies")
    in_force = take_up(
        inventory, seen, workloads, names_written(grouping, chosen), use=chosen.existing, dialect=chosen.dialect
    )
    decided = decide(
        seen,
        workloads=workloads,
        capture=capture,
        inventory=inventory,
        forbidden=in_force.forbidden_by,
        own_node_needs_rules=own_node_needs_rules,
        single_sightings=chosen.single_sightings,
    )

    outcome = obey_edges(seen, decided, decisions, workloads=workloads, day=day)
    observation = replace(observation, edges=outcome.edges)

    progress.stage("writing policies")
    policy_set = recommend_policies(observation, grouping, outcome.decided, inventory, settings)
    shown = [edge for edge in outcome.edges if edge.evidence.seen]
    scored = score_edges(shown, policy_set.decided, workloads=workloads, capture=capture, inventory=inventory)
    assessed = _assessed(outcome.edges, scored, policy_set.decided, groups)
    thresholds = Thresholds(enforce=chosen.enforce_below, stage=chosen.stage_below)
    judged = judge_policies(policy_set.policies, scored, days=days, thresholds=thresholds)
    missing = missing_beside(in_force, policy_set.policies, outcome.edges)
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
        decisions=decisions,
        day=day,
        outcome=outcome,
        policy_set=policy_set,
        scored=scored,
        judged=judged,
        assessed=assessed,
        missing=missing,
        written=written,
        http_pairs=said_pairs(policy_set.http_pairs, provenance.dialect),
        reading=replace(in_force.judge.settings, local_host_always_allowed=not own_node_needs_rules),
    )


def _assessed(
    edges: Sequence[Edge], scored: ScoredEdges, decided: Mapping[str, Decided], groups: Sequence[Group]
) -> dict[str, AssessedEdge]:
    """Each edge with what becomes of it, how sure we are, and the groups at its ends."""
    group_of: dict[End, str] = {member: group.display for group in groups for member in group.members}
    confidences = edge_confidences(scored)
    recurrence = dict(zip(scored.context.edges, scored.recurrence.tolist(), strict=True))
    return {
        edge.edge_id: AssessedEdge(
            edge=edge,
            decided=decided[edge.edge_id],
            confidence=confidences.get(edge.edge_id, VOUCHED),
            recurrence=round(recurrence.get(edge.edge_id, 0.0), 4),
            client_group=group_of.get(edge.client, ""),
            server_group=group_of.get(edge.server, ""),
        )
        for edge in edges
    }
