"""Which policies may be applied, by what was decided about exactly them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from recommender.model.decision import Choice, Followed, Judged, Standing
from recommender.review.digest import manifests_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from recommender.model.decision import Decisions, PolicyDecision
    from recommender.model.manifest import Manifest
    from recommender.model.policy import Policy
    from recommender.model.shared_baseline import SharedBaseline

CHANGED = "the policy is not the one that was decided on"


def follow(
    decisions: Decisions,
    policies: Iterable[tuple[Policy, Sequence[Manifest]]],
    baselines: Iterable[SharedBaseline],
    *,
    day: date,
    kept: tuple[str, ...] = (),
) -> Followed:
    """Where do the manifests go?

    A decision counts for the digest that it names and until it expires; an approval or a rejection of anything else
    has lapsed, and the policy waits for a new decision. `day` is the day on which the capture ends.
    """
    said = {decision.policy: decision for decision in decisions.policies}
    items = {policy.item: manifests_digest(manifests) for policy, manifests in policies}
    items |= {baseline.item: manifests_digest((baseline.manifest,)) for baseline in baselines}
    return Followed(
        decisions=decisions,
        items={item: _judge(item, digest, said.get(item), day) for item, digest in sorted(items.items())},
        findings={item.fingerprint: item for item in decisions.findings if item.signed.counts_on(day)},
        kept=kept,
    )


def _judge(item: str, digest: str, decision: PolicyDecision | None, day: date) -> Judged:
    if decision is None:
        return Judged(item=item, digest=digest, standing=Standing.PENDING)
    lapsed = _lapsed(decision, digest, day)
    return Judged(
        item=item,
        digest=digest,
        standing=Standing.PENDING if lapsed else _standing(decision.choice),
        choice=decision.choice,
        lapsed=lapsed,
        signed=decision.signed,
    )


def _lapsed(decision: PolicyDecision, digest: str, day: date) -> str:
    if decision.choice is Choice.DEFER:
        return ""
    if decision.digest != digest:
        return CHANGED
    return "" if decision.signed.counts_on(day) else f"it expired on {decision.signed.expires}"


def _standing(choice: Choice) -> Standing:
    match choice:
        case Choice.APPROVE:
            return Standing.APPROVED
        case Choice.REJECT:
            return Standing.REJECTED
        case Choice.DEFER:
            return Standing.PENDING
        case _:
            assert_never(choice)
