"""NPR325: what each policy API could not say of these policies, and how wide its substitutes are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from recommender.dialect.evidence_comment import EvidenceText
from recommender.dialect.write import dialect_of
from recommender.dialect.yaml_text import structure
from recommender.model.gap import Gap, Severity
from recommender.model.manifest import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.dialect_width import DialectWidth
    from recommender.model.manifest import DialectLoss
    from recommender.model.policy import Policy
    from recommender.model.recommendation import AssessedEdge

MOST_POLICIES: Final = 500
"""More are not said in every dialect: it would take longer than the rest of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidPolicies:
    """All policies in one dialect."""

    documents: tuple[Any, ...]
    """As a YAML parser would read them back."""
    losses: tuple[DialectLoss, ...]


def say_in_each(policies: Sequence[Policy], edges: Mapping[str, AssessedEdge]) -> dict[Dialect, SaidPolicies]:
    """The policies in every dialect; empty where none loses anything, or with more than `MOST_POLICIES` of them."""
    if not policies or len(policies) > MOST_POLICIES:
        return {}
    evidence = EvidenceText(edges=edges)
    several = len({policy.group.cluster for policy in policies}) > 1
    said = {dialect: _say(policies, dialect, evidence, several_clusters=several) for dialect in Dialect}
    return said if any(one.losses for one in said.values()) else {}


def _say(
    policies: Sequence[Policy], dialect: Dialect, evidence: EvidenceText, *, several_clusters: bool
) -> SaidPolicies:
    speaker = dialect_of(dialect)
    said = [speaker.say(policy, evidence=evidence, several_clusters=several_clusters) for policy in policies]
    return SaidPolicies(
        documents=tuple(structure(body) for one in said for body in one.bodies),
        losses=tuple(loss for one in said for loss in one.losses),
    )


def compared_gaps(
    said: Mapping[Dialect, SaidPolicies], widths: Mapping[Dialect, DialectWidth], groups: int
) -> tuple[Gap, ...]:
    """One finding with a line for each dialect: parts said wider, parts not said, edges cut, and what is open by it.

    `widths` says of each dialect how much is open by its manifests, among so many groups; without it only the losses
    are told, and that it was not judged. Nothing is said where nothing was compared.
    """
    if not said:
        return ()
    exact = [dialect.value for dialect, one in said.items() if not one.losses]
    unjudged = "" if widths else f"; how much each opens was not judged, among {groups} groups"
    return (
        Gap(
            code="NPR325",
            title="Dialects compared",
            severity=Severity.INFO,
            subject="dialects",
            reason=f"said without a loss by: {', '.join(exact) or 'none'}{unjudged}",
            impact="A dialect that cannot say a rule opens more than was seen, or cuts what is needed.",
            action="Choose the dialect that loses least and that your network plugin enforces (NPR804).",
            count=sum(1 for one in said.values() if one.losses),
            examples=tuple(
                f"{dialect.value}: {_losses_text(one.losses)}{_width_text(widths.get(dialect), groups)}"
                for dialect, one in said.items()
            ),
        ),
    )


def _losses_text(losses: Sequence[DialectLoss]) -> str:
    wider = [loss for loss in losses if loss.wider]
    cut = {edge for loss in losses for edge in loss.edges}
    parts = [f"{len(losses)} lost", f"{len(wider)} of them wider", f"{len(cut)} edges cut"]
    common = _commonest(loss.written for loss in wider)
    return ", ".join(parts) + (f"; most often {common}" if common else "") if losses else "exact"


def _width_text(width: DialectWidth | None, groups: int) -> str:
    if width is None:
        return ""
    possible = groups * (groups - 1)
    return (
        f"; open: {width.pairs} of {possible} pairs of groups, {width.to_world} groups to any address outside, "
        f"{width.from_world} from any"
    )


def _commonest(written: Iterable[str]) -> str:
    counts = Counter(written)
    return min(counts, key=lambda text: (-counts[text], text), default="")
