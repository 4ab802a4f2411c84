"""Enforce, stage or observe longer: the predicted breakage against thresholds, with the reason and the wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

import numpy as np

from recommender.assess.timing import DAY
from recommender.assess.wording import counted
from recommender.model.verdict import Advice

if TYPE_CHECKING:
    from recommender.assess.breakage.predict import ExpectedNeeds
    from recommender.assess.completeness.incidence import IncidenceLaw

ENFORCE_DAYS: Final = 14.0
"""A policy is enforced on two weeks or more: only then has a weekly need had two chances to show (`scoring 7d`)."""
OBSERVE_HOURS: Final = 24.0
LONGEST_WAIT: Final = 180
"""Days beyond which no waiting is advised."""
_SPANS_A_DAY: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Predicted breakage up to which a policy is enforced or staged."""

    enforce: float = 0.10
    stage: float = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The predicted breakage of each policy after waiting 0, 1, 2 … days more."""

    breakage: np.ndarray
    """(days, policies)"""
    window: int
    """Hours watched so far."""

    def wait_for(self, policy: int, limit: float, *, at_least: float) -> int | None:
        """Days more until a policy's breakage is at most the limit and the window lasts so many days, if ever."""
        days = np.arange(len(self.breakage)) + self.window / DAY
        passing = np.flatnonzero((self.breakage[:, policy] <= limit) & (days >= at_least))
        return int(passing[0]) if len(passing) else None


def look_ahead(expected: ExpectedNeeds, law: IncidenceLaw, horizon: float, window: int) -> Outlook:
    """How does the breakage fall while the capture goes on?

    Unseen needs become rarer by the law of incidences; what releases bring stays, as does what was left out of the
    rules and nobody decided.
    """
    now = max(law.new_edges(1.0, horizon), 1e-12)
    scales = [law.new_edges(1.0, horizon, waited=_SPANS_A_DAY * day) / now for day in range(LONGEST_WAIT + 1)]
    return Outlook(breakage=np.array([-np.expm1(expected.survival(scale)) for scale in scales]), window=window)


def choose_advice(breakage: float, *, seen_once: int, window: int, thresholds: Thresholds) -> Advice:
    """What to do with a policy: `seen_once` needs rest on one six-hour span and wait for a person."""
    if window < OBSERVE_HOURS or breakage > thresholds.stage:
        return Advice.OBSERVE
    if breakage <= thresholds.enforce and window >= ENFORCE_DAYS * DAY and not seen_once:
        return Advice.ENFORCE
    return Advice.STAGE


def waiting(
    advice: Advice, outlook: Outlook, policy: int, *, seen_once: int, thresholds: Thresholds
) -> tuple[int | None, str]:
    """Days more until the next better advice, and the same in words."""
    match advice:
        case Advice.ENFORCE:
            return 0, ""
        case Advice.STAGE:
            return _until_enforced(outlook, policy, seen_once=seen_once, thresholds=thresholds)
        case Advice.OBSERVE:
            days = outlook.wait_for(policy, thresholds.stage, at_least=OBSERVE_HOURS / DAY)
            if days is None:
                return (
                    None,
                    f"no window of up to {LONGEST_WAIT} days more is expected to be enough: it changes too often",
                )
            return days, f"about {counted(max(days, 1), 'more day')} of flows until it can be staged"
        case _:
            assert_never(advice)


def _until_enforced(outlook: Outlook, policy: int, *, seen_once: int, thresholds: Thresholds) -> tuple[int | None, str]:
    days = outlook.wait_for(policy, thresholds.enforce, at_least=ENFORCE_DAYS)
    decide = f"decide on {counted(seen_once, 'need')} seen once" if seen_once else ""
    if days is None:
        never = "watching alone is not expected to bring it to enforcement: releases bring new needs faster"
        return None, f"{decide}; {never}" if decide else never
    if days == 0:
        return 0, f"{decide}: nothing else keeps it from enforcement"
    wait = f"about {counted(days, 'more day')} of flows until it can be enforced"
    return days, f"{wait}; and {decide}" if decide else wait
