import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.assess import reliability


def test_probabilities_that_are_true_have_no_calibration_error_to_speak_of():
    random = np.random.default_rng(2)
    predicted = random.random(20_000)
    found = reliability("x", predicted, random.random(20_000) < predicted)
    assert found.ece < 0.015
    assert found.brier < found.constant_brier
    assert found.auc == pytest.approx(5 / 6, abs=0.01)


def test_overconfidence_is_measured():
    found = reliability("x", np.full(100, 0.9), np.arange(100) < 50)
    assert found.ece == pytest.approx(0.4)
    assert found.brier == pytest.approx(0.41)
    assert found.constant_brier == pytest.approx(0.25)


def test_without_both_outcomes_nothing_is_ranked():
    assert reliability("x", np.array([0.2, 0.4]), np.array([True, True])).auc is None
    assert reliability("x", np.array([]), np.array([])) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200))
def test_bins_hold_equally_many_and_all(pairs):
    predicted, happened = (np.array(column) for column in zip(*pairs, strict=True))
    found = reliability("x", predicted, happened)
    counts = [one.count for one in found.bins]
    assert sum(counts) == found.count == len(pairs)
    assert max(counts) - min(counts) <= 1
    assert [one.predicted for one in found.bins] == pytest.approx(sorted(one.predicted for one in found.bins))
    assert 0 <= found.ece <= 1
