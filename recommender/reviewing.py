"""What people decided: the part of the main job about a decisions file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from recommender.dialect import kustomization_of
from recommender.model.confidence import Confidence, ConfidencePart, Scale
from recommender.model.decision import Decisions
from recommender.model.recommendation import AssessedPolicy
from recommender.review import follow, is_approved, is_rejected, place, read_decisions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from recommender.assess import Judged
    from recommender.model.capture import Capture
    from recommender.model.decision import Followed
    from recommender.model.manifest import Manifest, Provenance, Written
    from recommender.model.policy import Policy
    from recommender.model.replay import ReplayProof

_NANOSECONDS = 1_000_000_000
VOUCHED: Final = Confidence(
    value=1.0,
    parts=(ConfidencePart(name="decision", sentence="a person keeps it; nothing showed it", value=0.0),),
    scale=Scale.LOG_PROBABILITY,
)
"""Of an edge that a decision keeps: there is no evidence to weigh, and a person answers for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The files of a run where decisions put them."""

    followed: Followed
    manifests: Mapping[str, tuple[Manifest, ...]]
    """Of each policy by its name, where they go; rejected ones too, for the report to show."""
    written: Written
    """What is written at all, where it goes; the kustomization lists what may be applied."""
    approved: tuple[Manifest, ...]
    """What may be applied."""

    def assessed(self, policies: Sequence[Policy], judged: Mapping[str, Judged]) -> tuple[AssessedPolicy, ...]:
        """The policies with what is said of them (by name) and their files."""
        return tuple(
            AssessedPolicy(
                policy=policy,
                confidence=judged[policy.name].confidence,
                verdict=judged[policy.name].verdict,
                manifests=self.manifests.get(policy.name, ()),
            )
            for policy in policies
        )


def take_decisions(path: Path | None) -> Decisions:
    """The decisions of a file, or none."""
    return Decisions() if path is None else read_decisions(path)


def last_day(capture: Capture) -> date:
    """The day (UTC) on which a capture ends: what decisions expire by, so that no clock is asked."""
    return datetime.fromtimestamp(capture.last_seen // _NANOSECONDS, tz=UTC).date()


def place_files(
    decisions: Decisions,
    policies: Sequence[Policy],
    written: Written,
    *,
    provenance: Provenance,
    day: date,
    kept: tuple[str, ...],
) -> Reviewed:
    """Where does each manifest go: to those to apply, to those that wait, or nowhere?"""
    own: defaultdict[str, list[Manifest]] = defaultdict(list)
    for manifest in written.manifests:
        own[manifest.policy].append(manifest)
    followed = follow(
        decisions, [(policy, own[policy.name]) for policy in policies], written.baselines, day=day, kept=kept
    )
    if not decisions.given:
        manifests = {name: tuple(items) for name, items in own.items()}
        return Reviewed(followed=followed, manifests=manifests, written=written, approved=written.manifests)
    item_of = {policy.name: policy.item for policy in policies}
    item_of |= {baseline.name: baseline.item for baseline in written.baselines}
    named = [(item_of[manifest.policy], manifest) for manifest in written.manifests]
    approved = tuple(manifest for item, manifest in named if is_approved(followed, item))
    return Reviewed(
        followed=followed,
        manifests={
            name: tuple(place(followed, item_of[name], manifest) for manifest in items) for name, items in own.items()
        },
        written=replace(
            written,
            manifests=tuple(place(followed, item, one) for item, one in named if not is_rejected(followed, item)),
            kustomization=kustomization_of(approved, policies, provenance),
            baselines=tuple(
                replace(one, manifest=place(followed, one.item, one.manifest)) for one in written.baselines
            ),
        ),
        approved=approved,
    )


def beyond_existing(approved: ReplayProof, existing_alone: ReplayProof) -> ReplayProof:
    """The proof of what is approved, in which only those edges are broken that pass while nothing of it is applied.

    What existing policies cut without any manifest of ours is theirs to cut until the policy that mends it is approved.
    """
    cut = {denial.edge_id for denial in (*existing_alone.broken, *existing_alone.cut_by_existing)}
    theirs = tuple(denial for denial in approved.broken if denial.edge_id in cut)
    return replace(
        approved,
        broken=tuple(denial for denial in approved.broken if denial.edge_id not in cut),
        cut_by_existing=tuple(sorted((*approved.cut_by_existing, *theirs), key=lambda denial: denial.edge)),
    )
