import pytest

from recommender.model.activity import HOUR_NS
from recommender.model.backtest import cut_window

MONDAY = 489_144


def cut(days, minutes=0):
    last = (MONDAY + round(days * 24)) * HOUR_NS + minutes * 60_000_000_000 - 1
    return cut_window(MONDAY, last)


@pytest.mark.parametrize(
    ("days", "learned", "tested"),
    [
        (2, 1, 1),
        (3, 2, 1),
        (5, 3, 2),
        (7, 4, 3),
        (13, 7, 6),
        (14, 7, 7),
        (16, 7, 9),
        (21, 14, 7),
        (28, 21, 7),
        (30, 21, 9),
    ],
)
def test_windows_are_cut_at_whole_days_and_from_two_weeks_on_at_whole_weeks(days, learned, tested):
    found = cut(days)
    assert found.learned_days == learned
    assert found.tested_days == pytest.approx(tested)
    assert found.at == (MONDAY + learned * 24) * HOUR_NS


def test_less_than_two_days_are_not_cut():
    assert cut(1.9) is None


def test_an_hour_that_has_begun_counts():
    assert cut(1.95, minutes=30).learned_days == 1
