"""Every policy judged: how sure that it breaks nothing, why, and what to do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.assess.breakage.governance import govern
from recommender.assess.breakage.hidden_needs import look_for_hidden_needs
from recommender.assess.breakage.predict import weigh_clues
from recommender.assess.breakage.verdict import OBSERVE_HOURS, Thresholds, choose_advice, look_ahead, waiting
from recommender.assess.coefficients import coefficients
from recommender.assess.completeness.estimate import unseen_part
from recommender.assess.confidence.caps import NOTICEABLE_LOSS
from recommender.assess.confidence.loss import loss_share
from recommender.assess.timing import DAY, SIX
from recommender.assess.wording import counted
from recommender.model.confidence import Confidence, ConfidencePart, Scale
from recommender.model.verdict import Advice, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.assess.breakage.governance import Governance
    from recommender.assess.breakage.predict import ExpectedNeeds
    from recommender.assess.breakage.verdict import Outlook
    from recommender.assess.scoring import ScoredEdges
    from recommender.model.policy import Policy

SHORT_WINDOW_CAP: Final = 0.50
_TELLING: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is said of one policy."""

    confidence: Confidence
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """Everything that judging one policy reads; one number a policy in every column."""

    scored: ScoredEdges
    governance: Governance
    expected: ExpectedNeeds
    outlook: Outlook
    thresholds: Thresholds
    days: float
    edges: np.ndarray
    incidences: np.ndarray
    once: np.ndarray
    left_out: np.ndarray
    limit: float
    limit_reason: str


def judge_policies(
    policies: Sequence[Policy], scored: ScoredEdges, *, days: float, thresholds: Thresholds
) -> dict[str, Judged]:
    """Judge every policy, by its name: its confidence is the probability that enforcing it breaks nothing needed.

    `days` is how far to look ahead.
    """
    governance = govern(policies, scored)
    needs = look_for_hidden_needs(governance, scored, days)
    expected = weigh_clues(needs, coefficients().breakage, governance, scored)
    spans = np.where(scored.allowed, scored.table.timing.six_hours, 0.0)
    limit, reason = _limit(scored)
    bench = _Bench(
        scored=scored,
        governance=governance,
        expected=expected,
        outlook=look_ahead(expected, scored.law, days * DAY / SIX, scored.table.window),
        thresholds=thresholds,
        days=days,
        edges=governance.either(scored.allowed.astype(float)),
        incidences=governance.either(spans),
        once=governance.either((spans == 1).astype(float)),
        left_out=governance.either(scored.left_out.astype(float)),
        limit=limit,
        limit_reason=reason,
    )
    return {policy.name: _judge(bench, number) for number, policy in enumerate(policies)}


def _limit(scored: ScoredEdges) -> tuple[float, str]:
    """What the capture allows any policy's confidence to be."""
    loss = loss_share(scored.context.capture)
    limits = [(1.0, "")]
    if scored.table.window < OBSERVE_HOURS:
        limits.append((SHORT_WINDOW_CAP, "observe for longer than a day"))
    if loss > NOTICEABLE_LOSS:
        limits.append((1 - loss / 2, "events lost in the window"))
    return min(limits)


def _judge(bench: _Bench, number: int) -> Judged:
    parts = _parts(bench, number)
    value = float(np.exp(bench.expected.survival()[number]))
    confidence = Confidence(
        value=round(min(value, bench.limit), 4),
        parts=parts,
        cap=bench.limit_reason if value > bench.limit else "",
        scale=Scale.LOG_PROBABILITY,
    )
    breakage = round(1 - confidence.value, 4)
    once = round(float(bench.once[number]))
    window, thresholds = bench.scored.table.window, bench.thresholds
    advice = choose_advice(breakage, seen_once=once, window=window, thresholds=thresholds)
    wait_days, wait = waiting(advice, bench.outlook, number, seen_once=once, thresholds=thresholds)
    verdict = Verdict(
        advice=advice,
        breakage=breakage,
        days=bench.days,
        expected_new=round(float(bench.expected.total[number]), 4),
        reason=_reason(bench, advice, breakage, once),
        wait_days=wait_days,
        wait=wait,
        unseen=unseen_part(
            bench.edges[number],
            bench.incidences[number],
            bench.once[number],
            window,
            born=float(bench.expected.releases[number]),
        ),
    )
    return Judged(confidence=confidence, verdict=verdict)


def _parts(bench: _Bench, number: int) -> tuple[ConfidencePart, ...]:
    """The expectation by its sources; each takes its share of the logarithm of the probability."""
    expected = bench.expected
    total = max(float(expected.total[number]), 1e-12)
    log = float(expected.survival()[number]) + float(expected.left_out[number])
    sources = (
        ("rare needs", expected.rare, "like the rare needs that the window showed"),
        ("siblings", expected.siblings, "that workloads of the same role already showed"),
        ("releases", expected.releases, "that releases bring"),
        ("jobs", expected.jobs, "of jobs that are due and did not run in the window"),
    )
    parts = [
        ConfidencePart(
            name=name,
            sentence=f"{float(needs[number]):.2f} new needs expected in {bench.days:g} days {words}",
            value=round(log * float(needs[number]) / total, 4) + 0.0,
        )
        for name, needs, words in sources
        if needs[number] >= _TELLING or name == "rare needs"
    ]
    left_out = round(float(bench.left_out[number]))
    if left_out:
        parts.append(
            ConfidencePart(
                name="left out",
                sentence=f"{counted(left_out, 'edge')} left out of its rules may be needed after all",
                value=round(-float(expected.left_out[number]), 4) + 0.0,
            )
        )
    return tuple(parts)


def _reason(bench: _Bench, advice: Advice, breakage: float, once: int) -> str:
    hours = bench.scored.table.window
    said = f"{breakage:.0%} chance that enforcing it denies something needed within {bench.days:g} days"
    if hours < OBSERVE_HOURS:
        return f"{said}, and the window is shorter than a day"
    if advice is not Advice.STAGE or breakage > bench.thresholds.enforce:
        return said
    if once:
        return f"{said}, but {counted(once, 'need')} seen in one six-hour span only"
    return f"{said}, but the window is {hours / DAY:.1f} days long and two weeks are wanted"
