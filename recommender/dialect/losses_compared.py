"""NPR325: what each policy API could not say of these policies, and how wide its substitutes are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from recommender.dialect.evidence_comment import EvidenceText
from recommender.dialect.write import dialect_of
from recommender.model.gap import Gap, Severity
from recommender.model.manifest import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.manifest import DialectLoss
    from recommender.model.policy import Policy
    from recommender.model.recommendation import AssessedEdge

MOST_POLICIES: Final = 500
"""More are not said in every dialect: it would take longer than the rest of the run."""


def compared_gaps(policies: Sequence[Policy], edges: Mapping[str, AssessedEdge]) -> tuple[Gap, ...]:
    """One finding with a line for each dialect: parts said wider, parts not said, edges cut, the commonest substitute.

    Nothing is said where no dialect loses anything, or where there are more than `MOST_POLICIES` policies.
    """
    if not policies or len(policies) > MOST_POLICIES:
        return ()
    evidence = EvidenceText(edges=edges)
    several = len({policy.group.cluster for policy in policies}) > 1
    losses = {
        dialect: [
            loss
            for policy in policies
            for loss in dialect_of(dialect).say(policy, evidence=evidence, several_clusters=several).losses
        ]
        for dialect in Dialect
    }
    if not any(losses.values()):
        return ()
    exact = [dialect.value for dialect in Dialect if not losses[dialect]]
    return (
        Gap(
            code="NPR325",
            title="Dialects compared",
            severity=Severity.INFO,
            subject="dialects",
            reason=f"said without a loss by: {', '.join(exact) or 'none'}",
            impact="A dialect that cannot say a rule opens more than was seen, or cuts what is needed.",
            action="Choose the dialect that loses least and that your network plugin enforces (NPR804).",
            count=sum(1 for found in losses.values() if found),
            examples=tuple(f"{dialect.value}: {_text(losses[dialect])}" for dialect in Dialect),
        ),
    )


def _text(losses: Sequence[DialectLoss]) -> str:
    wider = [loss for loss in losses if loss.wider]
    cut = {edge for loss in losses for edge in loss.edges}
    parts = [f"{len(losses)} lost", f"{len(wider)} of them wider", f"{len(cut)} edges cut"]
    common = _commonest(loss.written for loss in wider)
    return ", ".join(parts) + (f"; most often {common}" if common else "") if losses else "exact"


def _commonest(written: Iterable[str]) -> str:
    counts = Counter(written)
    return min(counts, key=lambda text: (-counts[text], text), default="")
