"""The main job, from flows to a proved recommendation, readable from top to bottom.

Stages meet here, and in the parts that this file calls, through `recommender.model` and nowhere else.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from recommender import __version__
from recommender.assess import HORIZON_DAYS, estimate_completeness, find_gaps
from recommender.backtesting import begin_backtest, what_became
from recommender.comparing import compare_dialects
from recommender.complement import tell
from recommender.dialect import loss_gaps
from recommender.holding import hold
from recommender.ingest import load_inventory
from recommender.learning import learn
from recommender.memory import without_cycle_collection
from recommender.model.enforcement_plan import EnforcementPlan
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Provenance
from recommender.model.own_node import OwnNode
from recommender.model.recommendation import Recommendation
from recommender.model.selection import Selection
from recommender.observing import Silence, observe_inputs
from recommender.policy import http_gaps
from recommender.report.exposure import exposures
from recommender.review import decision_gaps
from recommender.reviewing import beyond_existing, last_day, place_files, take_decisions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from recommender.backtesting import Backtesting
    from recommender.learning import Learned
    from recommender.model.backtest import Backtest
    from recommender.model.capture import Capture
    from recommender.model.decision import Decisions
    from recommender.model.edge import Edge
    from recommender.model.existing import ExistingPolicies
    from recommender.model.gap import Gap
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Manifest
    from recommender.model.observation import Observation
    from recommender.model.replay import ReplayProof
    from recommender.observing import Progress
    from recommender.reviewing import Reviewed
    from recommender.settings import ResolvedSettings


def run(
    inputs: Sequence[str],
    *,
    settings: ResolvedSettings,
    inventory_paths: Sequence[Path] = (),
    decisions_path: Path | None = None,
    selection: Selection | None = None,
    progress: Progress | None = None,
) -> Recommendation:
    """Recommend policies for the flows in `inputs`: one flow dataset, or raw Hubble sources, ingested on the way.

    What people decided in the file at `decisions_path` is obeyed.
    Raises NoUsableFlowsError if nothing in them can become an edge, other NetpolRecommendErrors where an input cannot
    be read. Nothing is written outside a temporary directory.
    """
    progress = progress or Silence()
    decisions = take_decisions(decisions_path)
    with without_cycle_collection():
        inventory = load_inventory(inventory_paths)
    observed = observe_inputs(inputs, settings, selection or Selection(), inventory, progress)
    seen, earlier, digest = observed.whole, observed.earlier, observed.digest
    provenance, day = _provenance(settings, digest, seen.capture), last_day(seen.capture)
    with without_cycle_collection(), ExitStack() as stack:
        testing: Backtesting | None = None
        if earlier is not None:
            begun = begin_backtest(
                earlier, seen, inventory, settings=settings, provenance=provenance, decisions=decisions, day=day
            )
            testing = stack.enter_context(begun)
        del observed, earlier  # Where a process of its own tests, the earlier part is needed there only.
        return _recommend(
            seen,
            inventory,
            settings=settings,
            provenance=provenance,
            decisions=decisions,
            day=day,
            progress=progress,
            testing=testing,
        )


def _recommend(
    seen: Observation,
    inventory: Inventory,
    *,
    settings: ResolvedSettings,
    provenance: Provenance,
    decisions: Decisions,
    day: date,
    progress: Progress,
    testing: Backtesting | None,
) -> Recommendation:
    """What follows from what the inputs show."""
    learned = learn(
        seen, inventory, settings=settings, provenance=provenance, progress=progress, decisions=decisions, day=day
    )
    if testing is not None:
        testing.tell(what_became(learned))
    observation = learned.observation
    reviewed = place_files(
        decisions,
        learned.missing.policies,
        learned.written,
        provenance=provenance,
        day=day,
        kept=learned.outcome.kept,
    )

    progress.stage("replaying every edge against the manifests")
    decided = learned.decided

    quarantine = hold(
        learned.policy_set,
        learned.written.manifests,
        provenance=provenance,
        assessed=learned.assessed,
        workloads=observation.workloads,
        inventory=inventory,
        existing=learned.in_force.judged,
        settings=learned.reading,
        reader=learned.reader,
    )

    def prove(manifests: Sequence[Manifest], *, last: bool = False) -> ReplayProof:
        return learned.prove(observation.edges, decided, observation.workloads, manifests=manifests, last=last)

    approved_proof = beyond_existing(prove(reviewed.approved), prove(())) if decisions.given else None
    proof = prove(reviewed.written.manifests, last=True)

    progress.stage("looking for gaps")
    existing = tell(
        learned.in_force,
        learned.missing,
        reviewed.written,
        groups=learned.groups,
        edges=seen.edges,
        decided=decided,
        capture=seen.capture,
    )
    gaps = _gaps(learned, reviewed, seen.edges, proof=proof, existing=existing, settings=settings)

    tested: Backtest | None = None
    if testing is not None:
        progress.stage("testing the scores on the last part of the window")
        tested = testing.answer()
    assessed = learned.assessed
    return Recommendation(
        tool_version=__version__,
        dialect=provenance.dialect,
        input_digest=provenance.input_digest,
        settings=settings.reported(),
        capture=seen.capture,
        workloads=observation.workloads,
        groups=learned.groups,
        edges=tuple(replace(assessed[edge.edge_id], decided=decided[edge.edge_id]) for edge in observation.edges),
        policies=reviewed.assessed(learned.missing.policies, learned.judged),
        baselines=reviewed.written.baselines,
        kustomization=reviewed.written.kustomization,
        http_pairs=learned.http_pairs,
        quarantine=quarantine,
        losses=learned.written.losses,
        gaps=tuple(sorted(gaps, key=lambda gap: gap.sort_key)),
        proof=proof,
        existing=existing,
        completeness=estimate_completeness(learned.scored, HORIZON_DAYS),
        backtest=tested,
        followed=reviewed.followed,
        approved_proof=approved_proof,
    )


def _gaps(
    learned: Learned,
    reviewed: Reviewed,
    seen: Sequence[Edge],
    *,
    proof: ReplayProof,
    existing: ExistingPolicies,
    settings: ResolvedSettings,
) -> tuple[Gap, ...]:
    """Everything that could not be decided, seen or said."""
    observation = learned.observation
    found = find_gaps(
        capture=observation.capture,
        edges=seen,
        decided=learned.decided,
        workloads=observation.workloads,
        groups=learned.groups,
        inventory=learned.inventory,
        proof=proof,
        existing=existing,
        lookups=observation.lookups,
        own_node_needs_rules=settings.settings.own_node is OwnNode.RULES,
        unconnected=observation.unconnected,
        exposures=exposures(learned.groups, learned.missing.policies, settings.settings.dialect, existing),
        plan=EnforcementPlan(
            dialect=settings.settings.dialect,
            policies=learned.policy_set.policies,
            manifests=learned.written.manifests,
            baselines=learned.written.baselines,
            cni=settings.cni(),
        ),
    )
    unseen = http_gaps(learned.http_pairs, wanted=settings.settings.l7 is Layer7.HTTP)
    compared = compare_dialects(learned.missing.policies, learned.assessed, learned.groups, learned.in_force)
    said = (*loss_gaps(learned.written.losses), *compared)
    told = decision_gaps(learned.outcome, reviewed.followed)
    return (*learned.group_gaps, *learned.policy_set.gaps, *unseen, *said, *found, *told)


def _provenance(settings: ResolvedSettings, digest: str, capture: Capture) -> Provenance:
    return Provenance(
        tool_version=__version__,
        input_digest=digest,
        window_text=capture.window_text,
        settings_digest=settings.digest(),
        dialect=settings.settings.dialect,
    )
