"""What a dialect could not say, and which edges that cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.dialect.wording import rule_text
from recommender.model.disposition import Decided, Disposition
from recommender.model.manifest import DialectLoss

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.policy import Policy, Rule

NOTHING = "nothing"


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


def excluded_by_losses(losses: Iterable[DialectLoss]) -> dict[str, Decided]:
    """Which edges do the manifests deny because the dialect cannot say them? By edge id, each with its reason."""
    excluded: dict[str, Decided] = {}
    for loss in sorted(losses, key=loss_sort_key):
        for edge in loss.edges:
            reason = f"the dialect cannot say it: {loss.wanted}"
            excluded.setdefault(edge, Decided(disposition=Disposition.EXCLUDED, reason=reason))
    return excluded
