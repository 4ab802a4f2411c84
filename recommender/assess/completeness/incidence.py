"""How often do edges happen? A beta-binomial law of six-hour spans, fitted to edges that were seen at least once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln

PRIOR_CENTRE: Final = (-1.2, 0.0)
PRIOR_SPREAD: Final = 1.41
"""Gaussian prior of (ln a, ln b) (`scoring 7b`): decides when there are few edges, vanishes when there are many."""
_LARGEST: Final = 8.0
_TERMS: Final = 64
DEATH_RATE: Final = 0.0025
"""An edge ends for good in a six-hour span with this probability: one in a hundred days (`scoring 7a`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceLaw:
    """Probabilities of activity in a span are Beta(a, b) over edges; spans of one edge are independent."""

    a: float
    b: float
    spans: int
    """Spans of the window that it was fitted to."""

    def unseen(self, spans: float) -> float:
        """Probability that an edge is inactive in so many spans: B(a, b + t) / B(a, b)."""
        return float(np.exp(betaln(self.a, self.b + spans) - betaln(self.a, self.b)))

    def new_edges(self, seen: float, spans: float, *, waited: float = 0.0) -> float:
        """Edges that exist, were not seen in the window, and will be in the next `spans` spans.

        `seen` is the number of edges seen; with `waited`, the next spans begin so many spans after the window, which
        is watched on until then.
        """
        window = self.spans + waited
        hidden = self.unseen(window) - self.unseen(window + spans)
        return seen * hidden / max(1.0 - self.unseen(self.spans), 1e-12)

    def hidden_behind(self, active: np.ndarray, spans: float) -> np.ndarray:
        """How many unseen edges that happen in the next spans does each edge stand for, seen in so many spans?

        An edge of rate p stands for (1 - p)^T / (1 - (1 - p)^T) like it that the window of T spans missed (Horvitz and
        Thompson 1952), of which 1 - (1 - p)^m show in the next m; averaged over p given its activity. The series is
        that of 1 / (1 - (1 - p)^T). Summed over all edges it is about `new_edges`.
        """
        levels = np.arange(self.spans + 1, dtype=float)
        turns = self.spans * np.arange(1, _TERMS)[:, None]
        a, b = self.a + levels, self.b + self.spans - levels
        whole = betaln(a, b)
        terms = np.exp(betaln(a, b + turns) - whole) - np.exp(betaln(a, b + turns + spans) - whole)
        by_level = terms.sum(axis=0)
        by_level[0] = 0.0
        return np.asarray(by_level[np.clip(active, 0, self.spans).astype(int)])

    def recurrence(self, active: np.ndarray, idle: np.ndarray, spans: float) -> np.ndarray:
        """Probability that an edge active in so many spans, and idle for so many since, is seen in the next ones.

        That it is still alive (BG/BB: Fader, Hardie, Shang 2010, with a known death rate), times that it then happens.
        """
        a, b = self.a + active, self.b + self.spans - active
        happens = -np.expm1(betaln(a, b + spans) - betaln(a, b))
        silent = np.exp(betaln(a, b) - betaln(a, np.maximum(b - idle, self.b)))
        died = -np.expm1(-DEATH_RATE * idle)
        alive = (1 - died) * silent / np.maximum((1 - died) * silent + died, 1e-12)
        return np.asarray(np.clip(alive * happens, 0.0, 1.0))


def fit_incidence(active: np.ndarray, weights: np.ndarray, spans: int) -> IncidenceLaw:
    """Fit the law by maximum likelihood, zero-truncated: edges that were never active are not among the data.

    Args:
        active: active spans of each edge, 1 to `spans`.
        weights: how much of an edge each counts: its probability to be needed.
        spans: spans of the window.
    """
    counts = np.bincount(np.clip(active, 0, spans).astype(int), weights, minlength=spans + 1)
    used = np.flatnonzero(counts)
    used = used[used > 0]

    def loss(logs: np.ndarray) -> float:
        a, b = np.exp(logs)
        likely = betaln(used + a, spans - used + b) - betaln(a, b)
        truncated = np.log(-np.expm1(betaln(a, b + spans) - betaln(a, b)))
        prior = np.sum((logs - np.array(PRIOR_CENTRE)) ** 2) / (2 * PRIOR_SPREAD**2)
        return float(-np.sum(counts[used] * (likely - truncated)) + prior)

    bounds = [(-_LARGEST, _LARGEST)] * 2
    found = minimize(loss, np.array(PRIOR_CENTRE), method="L-BFGS-B", bounds=bounds)
    a, b = np.exp(found.x)
    return IncidenceLaw(a=float(a), b=float(b), spans=spans)
