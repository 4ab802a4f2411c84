"""NPR701 to NPR705: what a person must know about the decisions that this run was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.decision import Choice, EdgeChoice, EdgeDecision, RuleDecision
from recommender.model.gap import Gap, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.decision import Followed, Judged
    from recommender.review.edge_decisions import EdgeOutcome

_MOST: Final = 5
_SHORT: Final = 160


def decision_gaps(outcome: EdgeOutcome, followed: Followed) -> tuple[Gap, ...]:
    """What lapsed, what opened or cut an edge on a person's word, what stays unseen, and what could not be followed."""
    items = [item for item in followed.items.values() if item.lapsed]
    return (*map(_lapsed, items), *_followed(outcome), *_unfollowed(outcome), *_unknown(followed))


def _lapsed(item: Judged) -> Gap:
    what = "rejection" if item.choice is Choice.REJECT else "approval"
    return Gap(
        code="NPR701",
        title="A decision lapsed",
        severity=Severity.MEDIUM,
        subject=item.item,
        reason=f"the {what} {item.signed.by} no longer counts: {item.lapsed}",
        impact="The policy waits in pending/ and is not among those to apply.",
        action="Look at what changed, and decide again.",
        examples=_place(item.signed.place),
    )


def _followed(outcome: EdgeOutcome) -> Iterator[Gap]:
    for decision, edges in outcome.followed:
        if isinstance(decision, RuleDecision):
            yield _kept(decision, edges)
        elif decision.choice is EdgeChoice.EXCLUDE:
            yield Gap(
                code="NPR703",
                title="Left out by decision",
                severity=Severity.MEDIUM,
                subject=decision.edge,
                reason=f"excluded {decision.signed.by}",
                impact="The policies deny it, however needed the capture makes it look.",
                action="Make sure that nobody needs it, or take the decision back.",
                examples=_place(decision.signed.place),
            )
        else:
            yield Gap(
                code="NPR702",
                title="Allowed by decision",
                severity=Severity.INFO,
                subject=decision.edge,
                reason=f"{decision.choice.value}d {decision.signed.by}",
                impact="The policies allow it on a person's word, not on the evidence.",
                action="Nothing, while the word holds; give it a last day with `expires`.",
                examples=_place(decision.signed.place),
            )


def _kept(decision: RuleDecision, edges: tuple[str, ...]) -> Gap:
    return Gap(
        code="NPR704",
        title="Kept without being seen",
        severity=Severity.LOW,
        subject=decision.policy,
        reason=f"kept {decision.signed.by}: nothing used it within this window ({decision.rule or 'a rule'})",
        impact="It lets through what nobody was seen to need now.",
        action="Keep it while a rare need is behind it (a yearly job, a failover), else take the decision back.",
        count=len(edges),
        examples=tuple(edge[:_SHORT] for edge in edges[:_MOST]),
        facts=decision.edges,
    )


def _unfollowed(outcome: EdgeOutcome) -> Iterator[Gap]:
    for decision, reason in outcome.unfollowed:
        if isinstance(decision, EdgeDecision):
            subject, facts = decision.edge, [decision.choice.value]
            wanted = decision.choice is EdgeChoice.FORCE and "anyway" not in reason
        else:
            subject, facts, wanted = decision.policy, list(decision.edges), True
        yield _without_effect(
            subject,
            f"{decision.choice.value}: {reason}",
            severity=Severity.MEDIUM if wanted else Severity.INFO,
            place=decision.signed.place,
            facts=tuple(facts),
        )


def _unknown(followed: Followed) -> Iterator[Gap]:
    for decision in followed.decisions.policies:
        if decision.policy not in followed.items:
            yield _without_effect(
                decision.policy,
                f"{decision.choice.value}: this run makes no such policy",
                severity=Severity.LOW,
                place=decision.signed.place,
                facts=("policy",),
            )


def _without_effect(subject: str, reason: str, *, severity: Severity, place: str, facts: tuple[str, ...]) -> Gap:
    return Gap(
        code="NPR705",
        title="Decision without effect",
        severity=severity,
        subject=subject,
        reason=reason,
        impact="What the decision meant to settle is not settled by it.",
        action="Correct it, or take it out of the file.",
        examples=_place(place),
        facts=facts,
    )


def _place(place: str) -> tuple[str, ...]:
    return (place,) if place else ()
