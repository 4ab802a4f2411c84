"""Rules in a dialect that cannot say each of them: what stands above each, and what was left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.dialect.header import nothing_seen
from recommender.dialect.losses import loss_of
from recommender.dialect.wording import rule_text
from recommender.dialect.yaml_text import Commented

if TYPE_CHECKING:
    from recommender.dialect.evidence_comment import EvidenceText
    from recommender.dialect.yaml_text import Node
    from recommender.model.manifest import DialectLoss
    from recommender.model.policy import Direction, Policy, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidRule:
    """A rule as items of a manifest's list."""

    items: tuple[Node, ...]
    """None if nothing was written for it."""
    losses: tuple[DialectLoss, ...] = ()


Saying = Callable[["Policy", "Rule"], SaidRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidDirection:
    """All rules of one direction."""

    items: tuple[tuple[Rule, Commented], ...]
    """Each item with the rule that it is of, in the order of the rules."""
    comments: tuple[str, ...]
    """On the whole direction: what was left out, or that nothing was seen."""
    losses: tuple[DialectLoss, ...]

    @property
    def section(self) -> Commented:
        """The direction's list."""
        return Commented(value=[item for _, item in self.items], comments=self.comments)


def say_direction(
    policy: Policy, direction: Direction, evidence: EvidenceText, say: Saying, *, api: str
) -> SaidDirection:
    """Say the rules of one direction, each item with its evidence and with what it does not say exactly.

    None of these APIs is asked to look at HTTP requests, so a rule about some of them becomes one about its ports.
    """
    items: list[tuple[Rule, Commented]] = []
    losses: list[DialectLoss] = []
    left_out: list[str] = []
    rules = policy.rules_for(direction)
    for rule in rules:
        said = say(policy, rule)
        lost = (*said.losses, _http_loss(policy, rule, api)) if said.items and rule.http else said.losses
        losses += lost
        if not said.items:
            left_out += [f"{_absence(loss)} {rule_text(rule)}: {loss.wanted}" for loss in lost]
        remarks = (f"{'WIDER THAN SEEN' if loss.wider else 'NOT THE SAME'}: {loss.written}" for loss in lost)
        comments = (*evidence.comments(replace(rule, http=())), *remarks)
        items += [(rule, Commented(value=item, comments=comments)) for item in said.items]
    return SaidDirection(
        items=tuple(items),
        comments=tuple(left_out) if rules else nothing_seen(policy, direction),
        losses=tuple(losses),
    )


def _http_loss(policy: Policy, rule: Rule, api: str) -> DialectLoss:
    wanted = f"HTTP methods and paths; {api} knows ports only"
    return loss_of(policy, rule, wanted=wanted, written="every request on these ports", wider=True)


def _absence(loss: DialectLoss) -> str:
    return "STAYS OPEN" if loss.wider else "LEFT OUT"
