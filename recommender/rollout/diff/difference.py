"""The whole difference between two sets of policies, from their paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.errors import UsageError
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.diff.change import PolicyDiff
from recommender.rollout.diff.compare import Comparison
from recommender.rollout.diff.documents import document_changes
from recommender.rollout.diff.evidence import evidence_change
from recommender.rollout.diff.recorded_pairs import RecordedPairs
from recommender.rollout.diff.requests import request_changes
from recommender.rollout.policy_side import read_side

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def difference(
    old: Path,
    new: Path,
    *,
    inventory: Sequence[Path] = (),
    report: Path | None = None,
    with_existing: bool = True,
) -> PolicyDiff:
    """What may be reached by the new policies and not by the old ones, and the other way round?

    Args:
        old: A report directory, a recommendation.json, a directory of manifests, or a file.
        new: As `old`.
        inventory: What `kubectl get … -o json` printed; without it the workloads of the reports are judged.
        report: A recommendation.json that names the workloads and has the evidence, where neither side has one.
        with_existing: Whether policies in force that neither side holds are judged beside both.

    Raises:
        InvalidPolicyError: A manifest that an API server or the CNI would refuse.
        UsageError: Nothing is there to read, or no workloads are known.
    """
    before, after = read_side(old, report=report), read_side(new, report=report)
    picture = picture_of((before, after), inventory=inventory, with_existing=with_existing)
    if not picture.scene.members:
        raise UsageError(
            "no workloads are known, so there is nobody to compare the policies for",
            where=str(new),
            hint="give --inventory, or --report with an earlier run's recommendation.json",
        )
    comparison = Comparison.of(picture.policies(before), picture.policies(after), picture.scene)
    recorded = RecordedPairs.of((*before.report.edges, *after.report.edges))
    return PolicyDiff(
        old=before.path,
        new=after.path,
        connections=comparison.connections(recorded),
        requests=request_changes(comparison),
        isolation=tuple(comparison.isolation()),
        policies=tuple(document_changes(before.files.documents, after.files.documents)),
        evidence=evidence_change(before, after),
        workloads=sum(end.is_workload for end in comparison.ends),
        pairs=sum(1 for _ in comparison.pairs),
        existing=len(picture.existing),
        unjudged=picture.unjudged,
    )
