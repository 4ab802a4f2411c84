"""The main job, from flows to a proved recommendation, readable from top to bottom.

The only file that knows every stage, with `synthesis`; stages meet here through `recommender.model` and nowhere else.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from recommender import __version__
from recommender.assess import decide, edge_confidence, find_gaps, policy_confidence
from recommender.complement import missing_beside, take_up, tell
from recommender.dialect import compared_gaps, excluded_by_losses, loss_gaps, write
from recommender.edges import observe, reduction_engine
from recommender.errors import NoUsableFlowsError, UsageError
from recommender.holding import hold
from recommender.ingest import CaptureReader, expand_sources, load_inventory
from recommender.model.enforcement_plan import EnforcementPlan
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Provenance
from recommender.model.own_node import OwnNode
from recommender.model.recommendation import AssessedEdge, AssessedPolicy, Recommendation
from recommender.model.selection import Selection
from recommender.policy import http_gaps
from recommender.report.exposure import exposures
from recommender.semantics import replay
from recommender.store import ingest_flows, is_dataset, open_dataset, record_kinds
from recommender.synthesis import arrange, names_written, recommend_policies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.capture import Capture
    from recommender.model.confidence import Confidence
    from recommender.model.decoded import DecodedBatch
    from recommender.model.disposition import Decided
    from recommender.model.edge import End
    from recommender.model.group import Group
    from recommender.model.http_rule import HttpPair
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Dialect, Manifest, Written
    from recommender.model.observation import Observation
    from recommender.model.policy import Policy
    from recommender.settings import ResolvedSettings


class Progress(Protocol):
    """Is told of stages and batches; the command line shows them, the API keeps silent."""

    def stage(self, name: str, *, total_bytes: int = 0) -> None:
        """A stage begins; the bytes to read, if they are known."""

    def batch(self, batch: DecodedBatch) -> None:
        """A batch of raw flows was decoded."""


class Silence:
    """Progress that shows nothing."""

    def stage(self, name: str, *, total_bytes: int = 0) -> None:
        """Say nothing of the stage."""

    def batch(self, batch: DecodedBatch) -> None:
        """Say nothing of the batch."""


def run(
    inputs: Sequence[str],
    *,
    settings: ResolvedSettings,
    inventory_paths: Sequence[Path] = (),
    selection: Selection | None = None,
    progress: Progress | None = None,
) -> Recommendation:
    """Recommend policies for the flows in `inputs`: one flow dataset, or raw Hubble sources, ingested on the way.

    Raises NoUsableFlowsError if nothing in them can become an edge, other NetpolRecommendErrors where an input cannot
    be read. Nothing is written outside a temporary directory.
    """
    progress = progress or Silence()
    inventory = load_inventory(inventory_paths)
    observation, digest = _observe(inputs, settings, selection or Selection(), inventory, progress)
    edges, workloads, capture = observation.edges, observation.workloads, observation.capture

    progress.stage("grouping workloads")
    chosen = settings.settings
    own_node_needs_rules = chosen.own_node is OwnNode.RULES
    grouping, group_gaps = arrange(observation, inventory, settings)
    groups = grouping.groups
    progress.stage("judging existing policies")
    in_force = take_up(
        inventory,
        edges,
        workloads,
        names_written(grouping, chosen),
        use=chosen.existing,
        dialect=chosen.dialect,
    )
    decided: Mapping[str, Decided] = decide(
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
    assessed = _assess(observation, policy_set.decided, groups)
    confidences = {policy.name: policy_confidence(policy, assessed, capture=capture) for policy in policy_set.policies}
    missing = missing_beside(in_force, policy_set.policies, edges)
    provenance = _provenance(settings, digest, capture)
    written = write(
        missing.policies,
        provenance.dialect,
        edges=assessed,
        confidences=confidences,
        provenance=provenance,
        groups=groups,
        baselines=chosen.baselines,
    )

    progress.stage("replaying every edge against the manifests")
    decided = {**policy_set.decided, **excluded_by_losses(written.losses)}
    reading = replace(in_force.judge.settings, local_host_always_allowed=not own_node_needs_rules)
    http_pairs = _said_pairs(policy_set.http_pairs, provenance.dialect)
    proof = replay(
        edges,
        decided,
        workloads=workloads,
        manifests=written.manifests,
        inventory=inventory,
        http_pairs=http_pairs,
        existing=in_force.judged,
        attested=missing.attested,
        promised=missing.promised,
        settings=reading,
    )
    quarantine = hold(
        policy_set,
        written.manifests,
        provenance=provenance,
        assessed=assessed,
        workloads=workloads,
        inventory=inventory,
        existing=in_force.judged,
        settings=reading,
    )

    progress.stage("looking for gaps")
    existing = tell(in_force, missing, written, groups=groups, edges=edges, decided=decided, capture=capture)
    gaps = find_gaps(
        capture=capture,
        edges=edges,
        decided=decided,
        workloads=workloads,
        groups=groups,
        inventory=inventory,
        proof=proof,
        existing=existing,
        lookups=observation.lookups,
        own_node_needs_rules=own_node_needs_rules,
        unconnected=observation.unconnected,
        exposures=exposures(groups, missing.policies, provenance.dialect, existing),
        plan=EnforcementPlan(
            dialect=provenance.dialect,
            policies=policy_set.policies,
            manifests=written.manifests,
            baselines=written.baselines,
            cni=settings.cni(),
        ),
    )
    unseen = http_gaps(http_pairs, wanted=chosen.l7 is Layer7.HTTP)
    said = (*loss_gaps(written.losses), *compared_gaps(missing.policies, assessed))
    all_gaps = (*group_gaps, *policy_set.gaps, *unseen, *said, *gaps)
    assessed = _assess(observation, decided, groups)
    return Recommendation(
        tool_version=__version__,
        dialect=provenance.dialect,
        input_digest=digest,
        settings=settings.values(),
        capture=capture,
        workloads=workloads,
        groups=groups,
        edges=tuple(assessed[edge.edge_id] for edge in edges),
        policies=_with_manifests(missing.policies, confidences, written),
        baselines=written.baselines,
        kustomization=written.kustomization,
        http_pairs=http_pairs,
        quarantine=quarantine,
        losses=written.losses,
        gaps=tuple(sorted(all_gaps, key=lambda gap: gap.sort_key)),
        proof=proof,
        existing=existing,
    )


def _said_pairs(pairs: Sequence[HttpPair], dialect: Dialect) -> tuple[HttpPair, ...]:
    """The pairs as the manifests have them: a dialect without HTTP rules leaves all of them at layer 4."""
    if dialect.knows_http:
        return tuple(pairs)
    lost = f"the dialect {dialect.value} has no HTTP rules"
    return tuple(
        pair if pair.obstacle else replace(pair, written=False, obstacle=lost, remedy="Run with --dialect cilium.")
        for pair in pairs
    )


def _assess(
    observation: Observation, decided: Mapping[str, Decided], groups: Sequence[Group]
) -> dict[str, AssessedEdge]:
    """Each edge with what becomes of it, how sure we are, and the groups at its ends."""
    workloads = {workload.end: workload for workload in observation.workloads}
    group_of: dict[End, str] = {member: group.display for group in groups for member in group.members}
    return {
        edge.edge_id: AssessedEdge(
            edge=edge,
            decided=decided[edge.edge_id],
            confidence=edge_confidence(edge, decided[edge.edge_id], workloads=workloads, capture=observation.capture),
            client_group=group_of.get(edge.client, ""),
            server_group=group_of.get(edge.server, ""),
        )
        for edge in observation.edges
    }


def _with_manifests(
    policies: Sequence[Policy], confidences: Mapping[str, Confidence], written: Written
) -> tuple[AssessedPolicy, ...]:
    manifests: defaultdict[str, list[Manifest]] = defaultdict(list)
    for manifest in written.manifests:
        manifests[manifest.policy].append(manifest)
    return tuple(
        AssessedPolicy(policy=policy, confidence=confidences[policy.name], manifests=tuple(manifests[policy.name]))
        for policy in policies
    )


def _provenance(settings: ResolvedSettings, digest: str, capture: Capture) -> Provenance:
    return Provenance(
        tool_version=__version__,
        input_digest=digest,
        window_text=capture.window_text,
        settings_digest=settings.digest(),
        dialect=settings.settings.dialect,
    )


def _observe(
    inputs: Sequence[str],
    settings: ResolvedSettings,
    selection: Selection,
    inventory: Inventory,
    progress: Progress,
) -> tuple[Observation, str]:
    """The edges of the selected flows, and the digest of the flows they come from."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(_scratch(settings.settings.spill_directory)))
        path = _dataset_path(inputs, scratch, settings, progress)
        dataset = open_dataset(path)
        memory_limit = settings.settings.memory_limit
        connection = stack.enter_context(reduction_engine(memory_limit=memory_limit, spill=scratch / "spill"))
        dataset.register(connection, selection)
        progress.stage("reducing flows to edges")
        observation = observe(connection, inventory=inventory)
        capture = replace(
            observation.capture,
            repeats=dataset.repeats,
            selected_when_stored=dataset.selected,
            record_kinds=record_kinds(selection),
        )
        digest = dataset.digest()
    if not observation.edges:
        found = ", ".join(f"{item.flows} {item.flow_class}" for item in capture.classes) or "none at all"
        unreadable = sum(reject.lines for reject in capture.rejects)
        raise NoUsableFlowsError(
            f"no flow can become an edge (flows by class: {found}; unreadable records: {unreadable})",
            where=", ".join(inputs),
            hint="check the selection flags, and that pods take part in the captured traffic",
        )
    return replace(observation, capture=capture), digest


def _scratch(directory: str) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="netpol-recommend-", dir=directory or None)
    except OSError as error:
        raise UsageError(
            f"no place for temporary files: {error.strerror or error}",
            where=directory or tempfile.gettempdir(),
            hint="--spill-directory DIR, where there is room",
        ) from error


def _dataset_path(inputs: Sequence[str], scratch: Path, settings: ResolvedSettings, progress: Progress) -> Path:
    """Where the flows lie as a dataset: the one given, or one made of raw sources for this run."""
    datasets = [given for given in inputs if given != "-" and is_dataset(Path(given))]
    if len(inputs) == 1 and datasets:
        return Path(inputs[0])
    if datasets:
        raise UsageError(
            "a flow dataset cannot be mixed with other inputs",
            where=datasets[0],
            hint=f"netpol-recommend ingest SOURCE… -o {datasets[0]}, then netpol-recommend {datasets[0]}",
        )
    sources = expand_sources(inputs)
    progress.stage("ingesting raw Hubble flows", total_bytes=sum(source.size for source in sources))
    path = scratch / "flows.parquet"
    ingest_flows(CaptureReader(sources, jobs=settings.processes), path, selection=Selection(), on_batch=progress.batch)
    return path
