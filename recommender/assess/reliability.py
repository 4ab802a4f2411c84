"""How true were probabilities? Brier score, calibration error over bins of equal mass, ranking."""

from __future__ import annotations

from typing import Final

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score

from recommender.model.backtest import Reliability, ReliabilityBin

BINS: Final = 10


def reliability(of: str, predicted: np.ndarray, happened: np.ndarray, bins: int = BINS) -> Reliability | None:
    """Hold probabilities against what happened; None if there are none.

    Bins hold equally many predictions, sorted by size (Naeini et al. 2015 with equal mass); the calibration error is
    the mean distance between a bin's prediction and its share that came true, weighed by its size. Equal predictions
    that fall into several bins bring the share of all of them into each, so the order of the input means nothing.
    """
    if not len(predicted):
        return None
    came_true = happened.astype(bool)
    share = float(came_true.mean())
    order = np.argsort(predicted, kind="stable")
    _, group = np.unique(predicted, return_inverse=True)
    fair = (np.bincount(group, came_true) / np.bincount(group))[group]
    filled = [part for part in np.array_split(order, bins) if len(part)]
    table = tuple(
        ReliabilityBin(count=len(part), predicted=float(predicted[part].mean()), happened=float(fair[part].mean()))
        for part in filled
    )
    return Reliability(
        of=of,
        count=len(predicted),
        happened=share,
        brier=float(brier_score_loss(came_true, np.clip(predicted, 0.0, 1.0), pos_label=True)),
        constant_brier=share * (1 - share),
        ece=calibration_error(table),
        auc=float(roc_auc_score(came_true, predicted)) if 0 < share < 1 else None,
        bins=table,
    )


def calibration_error(table: tuple[ReliabilityBin, ...]) -> float:
    """Mean distance between prediction and share, weighed by the size of the bins."""
    total = sum(item.count for item in table)
    return sum(item.count * abs(item.predicted - item.happened) for item in table) / total
