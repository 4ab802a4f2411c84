"""What the scores of simulated windows are worth: figures gathered window by window."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.calibration.examples import examples
from benchmarks.calibration.judged import judge_window
from recommender.assess import HORIZON_DAYS, Thresholds, estimate_completeness, judge_policies
from recommender.assess.completeness.bounds import missing_mass_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.calibration.judged import JudgedWindow
    from benchmarks.calibration.world import World

PLAIN_QUANTILE = 0.95
"""Of chi², for comparison with the one that ships."""


@dataclass(slots=True, kw_only=True)
class Gathered:
    """Everything measured in windows of one length; one entry an edge, a policy or a window."""

    confidence: list[np.ndarray] = field(default_factory=list)
    needed: list[np.ndarray] = field(default_factory=list)
    allowed: list[np.ndarray] = field(default_factory=list)
    recurrence: list[np.ndarray] = field(default_factory=list)
    again: list[np.ndarray] = field(default_factory=list)
    breakage: list[np.ndarray] = field(default_factory=list)
    broke: list[np.ndarray] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    expected: list[float] = field(default_factory=list)
    at_most: list[tuple[int, int]] = field(default_factory=list)
    actual: list[int] = field(default_factory=list)
    mass_held: list[np.ndarray] = field(default_factory=list)
    mass_held_plain: list[np.ndarray] = field(default_factory=list)
    mass_bound: list[np.ndarray] = field(default_factory=list)
    clusters: int = 0


def measure(
    make: Callable[[int], World], seeds: Iterable[int], windows: Iterable[int], told: Callable[[str], None]
) -> dict[int, Gathered]:
    """All windows of the clusters of these seeds, by length in days."""
    gathered: defaultdict[int, Gathered] = defaultdict(Gathered)
    for example in examples(make, seeds, windows):
        told(example.name)
        _add(gathered[example.days], judge_window(example))
    return dict(gathered)


def _add(into: Gathered, window: JudgedWindow) -> None:
    scored, governance = window.scored, window.governance
    into.clusters += 1
    into.confidence.append(scored.probability)
    into.needed.append(window.needed)
    into.allowed.append(scored.allowed)
    into.recurrence.append(scored.recurrence)
    into.again.append(window.again)
    judged = judge_policies(governance.policies, scored, days=HORIZON_DAYS, thresholds=Thresholds())
    verdicts = [judged[policy.name].verdict for policy in governance.policies]
    counted = governance.sends | governance.receives
    into.breakage.append(np.array([one.breakage for one in verdicts])[counted])
    into.broke.append((window.denied > 0)[counted])
    into.advice.extend(one.advice.value for one, is_counted in zip(verdicts, counted, strict=True) if is_counted)
    active = window.active & counted
    share = window.unseen_share[active]
    unseen = [one.unseen for one, is_active in zip(verdicts, active, strict=True) if is_active]
    bounds = np.array([one.bound for one in unseen])
    plain = np.array([missing_mass_bound(one.once, one.incidences, PLAIN_QUANTILE) for one in unseen])
    into.mass_held.append(share <= bounds)
    into.mass_held_plain.append(share <= plain)
    into.mass_bound.append(bounds)
    new = estimate_completeness(scored, HORIZON_DAYS).new_edges
    if new is not None:
        into.expected.append(new.expected)
        into.at_most.append((new.at_most_90, new.at_most_95))
        into.actual.append(window.new_edges)
