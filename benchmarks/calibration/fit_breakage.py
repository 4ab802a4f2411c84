"""How much each clue says of where new needs show: maximum likelihood of whether policies broke in the next week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, softmax

from recommender.assess.breakage.hidden_needs import RELEASE_CLUES, SIDE_CLUES
from recommender.assess.breakage.predict import weigh_clues
from recommender.assess.coefficients import BreakageForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.calibration.judged import JudgedWindow
    from recommender.assess.breakage.hidden_needs import HiddenNeeds

RIDGE: Final = 0.001
"""Pulls the weights towards being equal: clues that help about the same in one process must not win by chance."""
DIGITS: Final = 3
_SURE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The clues of one window and which of its policies broke."""

    needs: HiddenNeeds
    window: JudgedWindow
    broke: np.ndarray
    counted: np.ndarray
    """Policies that govern anything at all."""


def fit_breakage(outcomes: Sequence[Outcome]) -> BreakageForm:
    """Fit the weights of the clues; what is expected of a whole cluster and how needs cluster are not fitted here."""

    def loss(free: np.ndarray) -> float:
        form = _form(free)
        total, count = 0.0, 0
        for one in outcomes:
            expected = weigh_clues(one.needs, form, one.window.governance, one.window.scored)
            broke = one.broke[one.counted]
            breakage = np.clip(expected.breakage[one.counted], _SURE, 1 - _SURE)
            total -= float(np.log(np.where(broke, breakage, 1 - breakage)).sum())
            count += len(broke)
        return total / count + RIDGE * float(np.sum(free**2))

    start = np.zeros(2 * len(SIDE_CLUES) + len(RELEASE_CLUES) + 2)
    return _form(minimize(loss, start, method="L-BFGS-B", options={"maxiter": 60}).x)


def _form(free: np.ndarray) -> BreakageForm:
    sides, releases = len(SIDE_CLUES), len(RELEASE_CLUES)
    outgoing, incoming, born, rest = np.split(free, np.cumsum([sides, sides, releases]))
    return BreakageForm(
        outgoing=_named(SIDE_CLUES, outgoing),
        incoming=_named(SIDE_CLUES, incoming),
        releases=_named(RELEASE_CLUES, born),
        siblings=float(expit(rest[0])),
        jobs=float(np.exp(rest[1])),
    )


def _named(names: Sequence[str], free: np.ndarray) -> dict[str, float]:
    return dict(zip(names, softmax(free).tolist(), strict=True))


def rounded(form: BreakageForm) -> BreakageForm:
    """The form with as many digits as are worth shipping."""
    return BreakageForm(
        outgoing={name: round(value, DIGITS) for name, value in form.outgoing.items()},
        incoming={name: round(value, DIGITS) for name, value in form.incoming.items()},
        releases={name: round(value, DIGITS) for name, value in form.releases.items()},
        siblings=round(form.siblings, DIGITS),
        jobs=round(form.jobs, DIGITS),
    )
