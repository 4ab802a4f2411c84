"""What decides about a connection by one set of policies and not by another, in few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from recommender.model.connection import Outcome
from recommender.model.explanation import Basis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.explanation import DirectionExplanation, Explanation


def reason_of(before: Explanation, after: Explanation) -> Iterator[str]:
    """What decides now at the sides where something else decided before: of a denial only what denies."""
    sides = [(before.egress, after.egress), (before.ingress, after.ingress)]
    differing = [new for old, new in sides if _of_direction(old) != _of_direction(new)]
    denying = [said for said in differing if said.outcome is Outcome.DENIED]
    for said in denying or differing:
        text = _of_direction(said)
        if text:
            yield f"{said.direction}: {text}"


def _of_direction(said: DirectionExplanation) -> str:
    match said.basis:
        case Basis.RULE:
            rules = ", ".join(f"{rule.path} of {rule.policy}" for rule in said.rules)
            return f"denied by {rules}" if said.outcome is Outcome.DENIED else f"allowed by {rules}"
        case Basis.DEFAULT_DENY | Basis.ALWAYS_ISOLATED:
            isolating = ", ".join(said.isolated_by) or "the default of starting endpoints"
            return f"no rule allows it under {isolating}"
        case Basis.NOT_SELECTED | Basis.NOT_ISOLATED:
            return "nothing isolates it"
        case Basis.PASSED:
            return "handed over beyond the tier that isolates it"
        case Basis.OWN_NODE | Basis.SAME_POD | Basis.NO_SUBJECT:
            return ""
        case _:
            assert_never(said.basis)
