"""What a dialect could not say, and which edges that cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.dialect.wording import rule_text
from recommender.model.disposition import Decided, Disposition
from recommender.model.gap import Gap, Severity
from recommender.model.manifest import DialectLoss

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.policy import Policy, Rule

NOTHING = "nothing"
MAX_EXAMPLES = 5


def loss_sort_key(loss: DialectLoss) -> tuple[str, str, str, str]:
    """A total order over losses."""
    return (loss.policy, loss.subject, loss.wanted, loss.written)


def loss_of(policy: Policy, rule: Rule, *, wanted: str, written: str, wider: bool) -> DialectLoss:
    """A loss about one rule; its edges are named only where nothing was written."""
    return DialectLoss(
        policy=policy.name,
        subject=f"{policy.group.display}: {rule_text(rule)}",
        wanted=wanted,
        written=written,
        wider=wider,
        edges=rule.edges if written == NOTHING else (),
    )


def loss_gaps(losses: Iterable[DialectLoss]) -> tuple[Gap, ...]:
    """One gap for each thing that the dialect could not say and what was written instead, with all policies it hits."""
    alike: dict[tuple[str, str, bool], list[DialectLoss]] = {}
    for loss in sorted(losses, key=loss_sort_key):
        alike.setdefault((loss.wanted, loss.written, loss.wider), []).append(loss)
    return tuple(_gap(wanted, written, found, wider=wider) for (wanted, written, wider), found in alike.items())


def _gap(wanted: str, written: str, found: list[DialectLoss], *, wider: bool) -> Gap:
    cut = sum(len(loss.edges) for loss in found)
    effect = "more than was seen stays open" if wider else f"edges that will be denied: {cut}"
    return Gap(
        code="NPR320",
        title="Lost in the dialect",
        severity=Severity.HIGH if cut else Severity.MEDIUM,
        subject=wanted,
        reason=f"written instead: {written}; {effect}",
        impact="The chosen policy API cannot say the intent exactly; what stands in its place is wider, or nothing.",
        action="Read what was written instead, or choose another dialect.",
        count=len(found),
        examples=tuple(loss.subject for loss in found[:MAX_EXAMPLES]),
        facts=(written, "wider" if wider else "not wider"),
    )


def excluded_by_losses(losses: Iterable[DialectLoss]) -> dict[str, Decided]:
    """Which edges do the manifests deny because the dialect cannot say them? By edge id, each with its reason."""
    excluded: dict[str, Decided] = {}
    for loss in sorted(losses, key=loss_sort_key):
        for edge in loss.edges:
            reason = f"the dialect cannot say it: {loss.wanted}"
            excluded.setdefault(edge, Decided(disposition=Disposition.EXCLUDED, reason=reason))
    return excluded
