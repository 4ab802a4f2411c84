"""What the sample recommendation says about its own scores."""

from __future__ import annotations

from recommender.model.backtest import Backtest, Cut, NewEdgesCheck, Reliability, ReliabilityBin, UnusedRule
from recommender.model.completeness import Completeness, NewEdges, Unseen
from recommender.model.replay import Denial
from recommender.model.verdict import Advice, Verdict

UNSEEN = Unseen(edges=15, incidences=310, once=2, bound=0.0203, enough=True)


def sample_verdict(*, breakage: float = 0.06, advice: Advice = Advice.STAGE) -> Verdict:
    return Verdict(
        advice=advice,
        breakage=breakage,
        days=7.0,
        expected_new=0.062,
        reason="6% chance that enforcing it denies something needed within 7 days",
        wait_days=7,
        wait="about 7 more days of flows until it can be enforced",
        unseen=UNSEEN,
    )


def sample_completeness() -> Completeness:
    return Completeness(
        unseen=UNSEEN,
        new_edges=NewEdges(days=7.0, expected=2.4, of_releases=0.9, at_most_90=5, at_most_95=6),
        unit_ratio=1.1,
    )


def sample_backtest(cut_at: int) -> Backtest:
    return Backtest(
        cut=Cut(learned_days=4, tested_days=3.0, at=cut_at),
        policies=11,
        later_needed=14,
        denied=(
            Denial(
                edge_id="0123456789ab",
                edge="shop/Deployment/web -> shop/Deployment/cart TCP/8080",
                direction="egress",
                reason="no rule <b>allows</b> it",
            ),
        ),
        broken_policies=2,
        rules=24,
        unused=(UnusedRule(policy="web", rule="to api.example.com on TCP 443"),),
        recurrence=None,
        breakage=Reliability(
            of="policies that deny something needed",
            count=11,
            happened=2 / 11,
            brier=0.14,
            constant_brier=0.149,
            ece=0.03,
            auc=0.72,
            bins=(
                ReliabilityBin(count=6, predicted=0.05, happened=0.0),
                ReliabilityBin(count=5, predicted=0.3, happened=0.4),
            ),
        ),
        bounds_checked=11,
        bounds_held=10,
        new_edges=NewEdgesCheck(expected=1.2, at_most_90=3, at_most_95=4, actual=1),
        discovery=(9, 3, 1, 0, 1, 1, 0),
    )
