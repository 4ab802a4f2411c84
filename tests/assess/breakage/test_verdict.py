import numpy as np
import pytest

from recommender.assess.breakage.predict import ExpectedNeeds
from recommender.assess.breakage.verdict import Outlook, Thresholds, choose_advice, look_ahead, waiting
from recommender.assess.completeness.incidence import IncidenceLaw
from recommender.model.verdict import Advice

LIMITS = Thresholds(enforce=0.10, stage=0.35)
DAY = 24


@pytest.mark.parametrize(
    ("breakage", "once", "days", "advice"),
    [
        (0.05, 0, 14, Advice.ENFORCE),
        (0.10, 0, 28, Advice.ENFORCE),
        (0.11, 0, 28, Advice.STAGE),
        (0.05, 1, 28, Advice.STAGE),
        (0.05, 0, 13, Advice.STAGE),
        (0.35, 3, 2, Advice.STAGE),
        (0.36, 0, 28, Advice.OBSERVE),
        (0.01, 0, 0.9, Advice.OBSERVE),
    ],
)
def test_advice(breakage, once, days, advice):
    assert choose_advice(breakage, seen_once=once, window=round(days * DAY), thresholds=LIMITS) is advice


def outlook(*breakage, window=7 * DAY):
    return Outlook(breakage=np.array(breakage)[:, None], window=window)


def test_the_wait_is_the_first_day_on_which_breakage_and_length_pass():
    falling = outlook(*np.linspace(0.3, 0.0, 29))
    days, text = waiting(Advice.STAGE, falling, 0, seen_once=0, thresholds=LIMITS)
    assert days == 19
    assert text == "about 19 more days of flows until it can be enforced"
    sure = outlook(*[0.01] * 29)
    assert waiting(Advice.STAGE, sure, 0, seen_once=0, thresholds=LIMITS)[0] == 7


def test_what_never_passes_is_said():
    days, text = waiting(Advice.OBSERVE, outlook(*[0.6] * 181), 0, seen_once=0, thresholds=LIMITS)
    assert days is None
    assert "changes too often" in text
    assert waiting(Advice.STAGE, outlook(*[0.2] * 181), 0, seen_once=2, thresholds=LIMITS)[1].startswith(
        "decide on 2 needs seen once; watching alone"
    )


def test_only_a_decision_is_missing():
    ready = outlook(0.01, 0.01, window=20 * DAY)
    assert waiting(Advice.STAGE, ready, 0, seen_once=1, thresholds=LIMITS) == (
        0,
        "decide on 1 need seen once: nothing else keeps it from enforcement",
    )


def expected(rare, releases=0.0, left_out=0.0):
    return ExpectedNeeds(
        rare=np.array([rare]),
        siblings=np.zeros(1),
        releases=np.array([releases]),
        jobs=np.zeros(1),
        left_out=np.array([left_out]),
        clustering=1.5,
    )


def test_breakage_is_that_of_a_negative_binomial():
    assert expected(0.5).breakage[0] == pytest.approx(1 - (1.5 / 2.0) ** 1.5)
    assert expected(0.0, left_out=0.7).breakage[0] == pytest.approx(1 - np.exp(-0.7))


def test_watching_longer_helps_against_what_exists_and_not_against_releases():
    law = IncidenceLaw(a=0.4, b=2.0, spans=28)
    rare = look_ahead(expected(0.5), law, 28.0, 7 * DAY).breakage[:, 0]
    released = look_ahead(expected(0.0, releases=0.5), law, 28.0, 7 * DAY).breakage[:, 0]
    assert (np.diff(rare) < 0).all()
    assert rare[180] < rare[0] / 3
    assert np.ptp(released) == pytest.approx(0, abs=1e-12)
