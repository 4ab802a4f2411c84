"""What the window may have missed, what to do with the policies, and whether the scores came true."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from recommender.model.verdict import Advice
from recommender.report.figures import figure
from recommender.report.view_time import iso_time
from recommender.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.backtest import Backtest, Reliability
    from recommender.model.completeness import Completeness, NewEdges, Unseen
    from recommender.model.recommendation import AssessedPolicy
    from recommender.model.verdict import Verdict


def completeness_view(completeness: Completeness) -> dict[str, Any]:
    """The bound always, the estimate where there is enough to estimate from."""
    return {
        "sentence": _missed_sentence(completeness),
        "unseen": unseen_view(completeness.unseen),
        "new_edges": _new_edges_view(completeness.new_edges) if completeness.new_edges else None,
        "unit_ratio": None if completeness.unit_ratio is None else figure(completeness.unit_ratio, decimals=3),
        "warning": completeness.warning,
    }


def unseen_view(unseen: Unseen) -> dict[str, Any]:
    """Counts of incidences and the bound that follows from them."""
    return {
        "edges": unseen.edges,
        "incidences": unseen.incidences,
        "once": unseen.once,
        "bound": figure(unseen.bound),
        "enough": unseen.enough,
    }


def verdict_view(verdict: Verdict) -> dict[str, Any]:
    """What to do with a policy, why, and how much longer."""
    return {
        "advice": verdict.advice.value,
        "breakage": figure(verdict.breakage),
        "days": verdict.days,
        "expected_new": figure(verdict.expected_new),
        "reason": verdict.reason,
        "wait_days": verdict.wait_days,
        "wait": verdict.wait,
        "unseen": unseen_view(verdict.unseen),
    }


def verdicts_view(assessed: Iterable[AssessedPolicy]) -> dict[str, Any]:
    """How many policies are ready for what, in the order of readiness, and the expectation over all of them."""
    verdicts = [one.verdict for one in assessed]
    counts = Counter(one.advice for one in verdicts)
    expected = sum(one.breakage for one in verdicts)
    policies = counted(len(verdicts), "policy", "policies")
    told = ", ".join(f"{counts[advice]:,} {advice.value}" for advice in Advice)
    return {
        "sentence": f"{told}; about {expected:.1f} of {policies} would deny something needed within a week"
        if verdicts
        else "no policy to judge",
        "counts": [{"name": advice.value, "count": counts[advice]} for advice in Advice],
        "expected_to_break": figure(expected),
    }


def backtest_view(backtest: Backtest) -> dict[str, Any]:
    """What the first part of the window would have done to the rest of it, and how true its scores were."""
    cut = backtest.cut
    return {
        "sentence": backtest.sentence,
        "learned_days": cut.learned_days,
        "tested_days": figure(cut.tested_days),
        "cut_at": iso_time(cut.at),
        "policies": backtest.policies,
        "later_needed": backtest.later_needed,
        "false_denials": [
            {"edge_id": one.edge_id, "edge": one.edge, "direction": one.direction, "reason": one.reason}
            for one in sorted(backtest.denied, key=lambda one: (one.edge, one.direction))
        ],
        "broken_policies": backtest.broken_policies,
        "rules": backtest.rules,
        "unused_rules": sorted(
            ({"policy": one.policy, "rule": one.rule} for one in backtest.unused),
            key=lambda one: (one["policy"], one["rule"]),
        ),
        "recurrence": _reliability_view(backtest.recurrence) if backtest.recurrence else None,
        "breakage": _reliability_view(backtest.breakage) if backtest.breakage else None,
        "bounds_checked": backtest.bounds_checked,
        "bounds_held": backtest.bounds_held,
        "new_edges": {
            "expected": None
            if backtest.new_edges.expected is None
            else figure(backtest.new_edges.expected, decimals=2),
            "at_most_90": backtest.new_edges.at_most_90,
            "at_most_95": backtest.new_edges.at_most_95,
            "actual": backtest.new_edges.actual,
        },
        "discovery": list(backtest.discovery),
    }


def _new_edges_view(new: NewEdges) -> dict[str, Any]:
    return {
        "days": new.days,
        "expected": figure(new.expected, decimals=2),
        "of_releases": figure(new.of_releases, decimals=2),
        "at_most_90": new.at_most_90,
        "at_most_95": new.at_most_95,
    }


def _missed_sentence(completeness: Completeness) -> str:
    share = f"{completeness.unseen.bound:.1%}"
    bound = f"at most {share} of the activity of allowed edges is expected on edges not seen yet (95 % bound)"
    new = completeness.new_edges
    if new is None:
        return f"{bound}; the window is too short for an estimate of their number"
    edges = "needed edge is" if round(new.expected) == 1 else "needed edges are"
    return (
        f"{bound}; {new.expected:.0f} new {edges} expected within {new.days:g} days, {new.of_releases:.0f} of them by "
        f"releases, and at most {new.at_most_95:,} with 95 %"
    )


def _reliability_view(reliability: Reliability) -> dict[str, Any]:
    return {
        "of": reliability.of,
        "count": reliability.count,
        "happened": figure(reliability.happened),
        "brier": figure(reliability.brier),
        "constant_brier": figure(reliability.constant_brier),
        "ece": figure(reliability.ece),
        "auc": None if reliability.auc is None else figure(reliability.auc),
        "bins": [
            {"count": one.count, "predicted": figure(one.predicted), "happened": figure(one.happened)}
            for one in reliability.bins
        ],
    }
