"""How sure are we that a policy breaks nothing: a first form with hand-set factors, not yet calibrated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.confidence.loss import loss_share
from recommender.assess.context import SHORT_WINDOW_HOURS
from recommender.model.confidence import Confidence, ConfidencePart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.capture import Capture
    from recommender.model.policy import Policy, Rule
    from recommender.model.recommendation import AssessedEdge

SHORT_WINDOW_CAP: Final = 0.50
_HALF_WAY_DAYS: Final = 3.0
"""Days after which half of a workload's needs are expected seen; days / (days + 3) gives .82 after 14 days and .90
after 28, near the shares of policies that broke nothing in `scoring 7d`.
"""


def policy_confidence(policy: Policy, edges: Mapping[str, AssessedEdge], *, capture: Capture) -> Confidence:
    """How sure are we that enforcing this policy breaks nothing?

    The product of three factors, each a part: the length of the window, the weakest needed rule, and what was not
    lost; never the mean of the rules, since one wrong rule is enough. A window of less than a day caps it at .5.
    First form, not yet calibrated.
    """
    loss = loss_share(capture)
    days = max(0.0, capture.days)
    weakest, sentence = _weakest(policy, edges)
    parts = (
        ConfidencePart(
            name="window",
            sentence=f"the window is {days:.1f} days long",
            value=round(days / (days + _HALF_WAY_DAYS), 4),
        ),
        ConfidencePart(name="weakest rule", sentence=sentence, value=round(weakest, 4)),
        ConfidencePart(name="loss", sentence=f"{loss:.1%} of the events were lost", value=round(1 - loss, 4)),
    )
    value = days / (days + _HALF_WAY_DAYS) * weakest * (1 - loss)
    if capture.hours < SHORT_WINDOW_HOURS:
        return Confidence(
            value=round(min(value, SHORT_WINDOW_CAP), 4), parts=parts, cap="observe for longer than a day"
        )
    return Confidence(value=round(value, 4), parts=parts)


def _weakest(policy: Policy, edges: Mapping[str, AssessedEdge]) -> tuple[float, str]:
    confidences = [found for rule in policy.rules if (found := _rule(rule, edges)) is not None]
    if not confidences:
        return 1.0, "no rule rests on evidence of its own"
    weakest = min(confidences)
    rules = "its only rule" if len(confidences) == 1 else f"the weakest of {len(confidences)} rules"
    return weakest, f"{rules} has confidence {weakest:.2f}"


def _rule(rule: Rule, edges: Mapping[str, AssessedEdge]) -> float | None:
    """A rule is needed as soon as one of its edges is; a baseline without edges has no confidence of its own."""
    known = [edges[edge_id] for edge_id in rule.edges if edge_id in edges]
    return max((assessed.confidence.value for assessed in known if assessed.decided.disposition.allowed), default=None)
