"""The figures as the tables of docs/calibration.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommender.assess import reliability
from recommender.model.verdict import Advice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.calibration.measure import Gathered
    from recommender.model.backtest import Reliability


def render(gathered: Mapping[int, Gathered]) -> str:
    """Five tables in Markdown, one row a length of window."""
    return "\n".join(_lines(gathered))


def _lines(gathered: Mapping[int, Gathered]) -> Iterator[str]:
    clusters = max(one.clusters for one in gathered.values())
    yield f"{clusters} simulated clusters for each length of window."
    yield from _titled("Confidence of rules (allowed edges): is it needed?", _SCORES)
    for days, one in gathered.items():
        chosen = np.concatenate(one.allowed)
        yield _score_row(days, np.concatenate(one.confidence)[chosen], np.concatenate(one.needed)[chosen])
    yield from _titled("Confidence of all edges, those in quarantine among them", _SCORES)
    for days, one in gathered.items():
        yield _score_row(days, np.concatenate(one.confidence), np.concatenate(one.needed))
    yield from _titled("Recurrence of allowed edges: seen in the next week?", _SCORES)
    for days, one in gathered.items():
        chosen = np.concatenate(one.allowed)
        yield _score_row(days, np.concatenate(one.recurrence)[chosen], np.concatenate(one.again)[chosen])
    yield from _titled("Predicted breakage of policies: is something needed denied in the next week?", _SCORES)
    for days, one in gathered.items():
        yield _score_row(days, np.concatenate(one.breakage), np.concatenate(one.broke))
    columns = ("Window", *(f"{advice.value}: policies, predicted, broke" for advice in Advice))
    yield from _titled("Predicted and actual breakage by verdict", columns)
    for days, one in gathered.items():
        yield _row(f"{days} d", *(_band(one, advice) for advice in Advice))
    yield from _titled("New edges of the next week", _NEW)
    for days, one in gathered.items():
        yield _new_row(days, one)
    yield from _titled("Unseen activity by policy, 95 % bound", _MASS)
    for days, one in gathered.items():
        held, plain = np.concatenate(one.mass_held), np.concatenate(one.mass_held_plain)
        bound = float(np.median(np.concatenate(one.mass_bound)))
        yield _row(f"{days} d", f"{len(held):,}", f"{held.mean():.3f}", f"{plain.mean():.3f}", f"{bound:.3f}")
    yield from _titled("Reliability of predicted breakage, ten bins of equal mass", ("Window", "predicted → broke"))
    for days, one in gathered.items():
        found = _reliability(np.concatenate(one.breakage), np.concatenate(one.broke))
        yield _row(f"{days} d", " · ".join(f"{part.predicted:.2f} → {part.happened:.2f}" for part in found.bins))


_NONE = "-"
_SCORES = ("Window", "n", "true", "Brier", "always the mean", "ECE", "AUC")
_NEW = ("Window", "expected", "actual", "sum off by", "mean error of a cluster", "90 % bound holds", "95 % bound holds")
_MASS = ("Window", "policies", "holds", "holds at chi² .95", "median bound")


def _titled(title: str, columns: tuple[str, ...]) -> Iterator[str]:
    yield ""
    yield f"### {title}"
    yield ""
    yield _row(*columns)
    yield _row(*("---" for _ in columns))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _reliability(predicted: np.ndarray, happened: np.ndarray) -> Reliability:
    found = reliability("", predicted, happened)
    if found is None:
        raise ValueError("nothing was predicted")
    return found


def _score_row(days: int, predicted: np.ndarray, happened: np.ndarray) -> str:
    found = _reliability(predicted, happened)
    auc = _NONE if found.auc is None else f"{found.auc:.3f}"
    return _row(
        f"{days} d", f"{found.count:,}", f"{found.happened:.3f}", f"{found.brier:.4f}", f"{found.constant_brier:.4f}",
        f"{found.ece:.3f}", auc,
    )  # fmt: skip


def _band(one: Gathered, advice: Advice) -> str:
    chosen = np.array([word == advice.value for word in one.advice])
    if not chosen.any():
        return "0"
    predicted, broke = np.concatenate(one.breakage)[chosen], np.concatenate(one.broke)[chosen]
    return f"{chosen.sum():,}, {predicted.mean():.3f}, {broke.mean():.3f}"


def _new_row(days: int, one: Gathered) -> str:
    if not one.actual:
        return _row(f"{days} d", _NONE, _NONE, _NONE, _NONE, _NONE, _NONE)
    expected, actual, bounds = np.array(one.expected), np.array(one.actual), np.array(one.at_most)
    error = float(np.mean(np.abs(expected - actual) / np.maximum(actual, 1)))
    off = float(expected.sum() / max(actual.sum(), 1) - 1)
    held = (actual[:, None] <= bounds).mean(axis=0)
    return _row(
        f"{days} d", f"{expected.mean():.1f}", f"{actual.mean():.1f}", f"{off:+.0%}", f"{error:.0%}",
        f"{held[0]:.3f}", f"{held[1]:.3f}",
    )  # fmt: skip
