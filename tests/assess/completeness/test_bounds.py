import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from recommender.assess.completeness.bounds import MASS_QUANTILE, missing_mass_bound, new_edges_bound


def test_without_single_sightings_it_is_the_rule_of_three():
    assert missing_mass_bound(0, 300, 0.95) == pytest.approx(3 / 300, rel=0.01)


def test_nothing_seen_bounds_nothing():
    assert missing_mass_bound(0, 0) == 1.0


@given(st.integers(0, 50), st.integers(1, 5000))
def test_it_is_a_share_and_falls_with_more_incidences(once, incidences):
    bound = missing_mass_bound(once, incidences)
    assert 0 < bound <= 1
    assert missing_mass_bound(once, incidences + 100) <= bound
    assert missing_mass_bound(once + 1, incidences) >= bound
    assert bound >= min(1.0, once / incidences)


def test_it_covers_the_mass_of_what_was_missed():
    random = np.random.default_rng(5)
    held = {0.95: 0, MASS_QUANTILE: 0}
    for _ in range(1000):
        rates = random.beta(0.3, 3.0, 40)
        now, later = random.binomial(28, rates), random.binomial(28, rates)
        missing = later[now == 0].sum() / max(later.sum(), 1)
        for quantile in held:
            held[quantile] += missing <= missing_mass_bound((now == 1).sum(), now.sum(), quantile)
    assert held[MASS_QUANTILE] >= 950
    assert held[0.95] < 930


def test_the_number_of_new_edges_is_a_negative_binomial_quantile():
    limit = new_edges_bound(10.0, 0.95, 4.0)
    assert nbinom.cdf(limit, 4, 4 / 14) >= 0.95 > nbinom.cdf(limit - 1, 4, 4 / 14)
    assert new_edges_bound(0.0, 0.95, 4.0) == 0
