"""The coefficients of rule confidence: maximum likelihood under constraints of sign."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from recommender.assess.coefficients import LinearForm
from recommender.assess.confidence.features import Feature

RIDGE: Final = 1e-4
DIGITS: Final = 3


def fit_form(values: np.ndarray, needed: np.ndarray, *, without: frozenset[Feature] = frozenset()) -> LinearForm:
    """Fit log-odds = intercept + weights · features; a feature may only speak the way it is meant to.

    A small ridge keeps weights finite where a feature separates the classes.
    """
    features = [feature for feature in Feature if feature not in without]
    chosen = values[:, [tuple(Feature).index(feature) for feature in features]]
    design = np.column_stack([np.ones(len(chosen)), chosen])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = design @ weights
        ridge = np.concatenate([[0.0], weights[1:]])
        value = -np.mean(np.where(needed, log_expit(odds), log_expit(-odds))) + RIDGE * np.sum(ridge**2)
        return float(value), -(design.T @ (needed - expit(odds))) / len(needed) + 2 * RIDGE * ridge

    bounds = [(None, None), *((0, None) if feature.speaks_for else (None, 0) for feature in features)]
    found = minimize(loss, np.zeros(design.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B").x
    named = zip(features, found[1:], strict=True)
    return LinearForm(
        intercept=round(float(found[0]), DIGITS),
        weights={feature.value: round(float(weight), DIGITS) + 0.0 for feature, weight in named},
    )
