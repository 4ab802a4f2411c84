"""Do new needs come one here and one there, or many to few workloads?"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import nbinom

PRIOR_LOG: Final = 0.4
PRIOR_SPREAD: Final = 1.5
"""Gaussian prior of ln k: about 1.5 (`scoring 5`), loose, since clusters differ from each other by more than that."""
_RANGE: Final = (-2.0, 4.0)
_LATE: Final = 2 / 3
_ENOUGH_HOURS: Final = 72


def late_from(window: int) -> float:
    """The hour from which first sightings count as late: the last third of the window."""
    return _LATE * window


def clustering(late: np.ndarray, early: np.ndarray, *, window: int) -> float:
    """The size k of the negative binomial of new needs a policy; the smaller, the more they cluster.

    Args:
        late: needs of each policy that were first seen late in the window.
        early: those that were seen before.
        window: hours; in less than three days what comes late is what the night hid, so the prior stands alone.

    Where late needs appear says how the next ones will: they are fitted, by maximum likelihood with a loose prior, to
    expectations that are half even and half in proportion to what a policy has.
    """
    counted = (early > 0) | (late > 0)
    counts, size = np.round(late[counted]), early[counted]
    if window < _ENOUGH_HOURS or not counted.any():
        return float(np.exp(PRIOR_LOG))
    shares = 0.5 * size / size.sum() + 0.5 / len(size) if size.sum() > 0 else np.full(len(size), 1 / len(size))
    expected = np.maximum(counts.sum(), 1e-9) * shares

    def loss(log_k: float) -> float:
        k = np.exp(log_k)
        likely = nbinom.logpmf(counts, k, k / (k + expected)).sum()
        return float(-likely + (log_k - PRIOR_LOG) ** 2 / (2 * PRIOR_SPREAD**2))

    return float(np.exp(minimize_scalar(loss, bounds=_RANGE, method="bounded").x))
