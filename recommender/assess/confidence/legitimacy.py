"""The probability that an edge is needed: a sign-constrained logistic form, the same for every edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from recommender.assess.confidence.features import Feature

if TYPE_CHECKING:
    from recommender.assess.coefficients import LinearForm, RuleForms
    from recommender.assess.confidence.features import FeatureTable


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOdds:
    """What each feature adds to the log-odds of each edge."""

    intercept: np.ndarray
    parts: np.ndarray
    """(edges, features), in the order of `Feature`."""
    probability: np.ndarray
    """That each edge is needed, before any cap."""
    counts: np.ndarray
    """(2, features): which features have a weight where answers are unknown, and where they are known."""


def weigh(table: FeatureTable, forms: RuleForms) -> LogOdds:
    """Weigh the features of every edge.

    Where the capture cannot show whether a server answered, an edge is weighed by the form that was fitted without
    answers; silence that nobody could have heard is neither good nor bad.
    """
    known, unknown = (_weights(form) for form in (forms.answers_known, forms.answers_unknown))
    chosen = np.where(table.answers_known[:, None], known, unknown)
    intercepts = (forms.answers_known.intercept, forms.answers_unknown.intercept)
    intercept, parts = np.where(table.answers_known, *intercepts), chosen * table.values
    return LogOdds(
        intercept=intercept,
        parts=parts,
        probability=np.asarray(expit(intercept + parts.sum(axis=1))),
        counts=np.array([unknown, known]) != 0,
    )


def _weights(form: LinearForm) -> np.ndarray:
    return np.array([form.weights.get(feature.value, 0.0) for feature in Feature])
