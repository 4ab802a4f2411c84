import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from recommender.assess.completeness.incidence import IncidenceLaw, fit_incidence


def drawn(a, b, edges, spans, seed=1):
    random = np.random.default_rng(seed)
    return random.binomial(spans, random.beta(a, b, edges))


def test_the_law_is_found_again_though_silent_edges_are_not_among_the_data():
    active = drawn(0.6, 2.0, 20_000, 56)
    seen = active[active > 0]
    law = fit_incidence(seen, np.ones(len(seen)), 56)
    assert law.a == pytest.approx(0.6, rel=0.1)
    assert law.b == pytest.approx(2.0, rel=0.1)


def test_new_edges_are_counted_right():
    random = np.random.default_rng(3)
    rates = random.beta(0.5, 4.0, 4000)
    first, second = random.binomial(28, rates), random.binomial(28, rates)
    seen = first[first > 0]
    law = fit_incidence(seen, np.ones(len(seen)), 28)
    actual = ((first == 0) & (second > 0)).sum()
    assert law.new_edges(len(seen), 28) == pytest.approx(actual, rel=0.1)


def test_the_longer_it_was_watched_the_fewer_are_left():
    law = IncidenceLaw(a=0.5, b=3.0, spans=28)
    left = [law.new_edges(100, 28, waited=waited) for waited in (0, 28, 56, 500)]
    assert left == sorted(left, reverse=True)
    assert law.new_edges(100, 28) > law.new_edges(100, 4)


def test_silence_is_the_integral_over_rates():
    law = IncidenceLaw(a=0.7, b=2.5, spans=28)
    expected = quad(lambda rate: (1 - rate) ** 12 * beta.pdf(rate, 0.7, 2.5), 0, 1)[0]
    assert law.unseen(12) == pytest.approx(expected, rel=1e-3)


def test_what_edges_stand_for_adds_up_to_the_new_ones():
    active = drawn(0.6, 3.0, 5000, 28)
    seen = active[active > 0]
    law = fit_incidence(seen, np.ones(len(seen)), 28)
    assert law.hidden_behind(seen, 28).sum() == pytest.approx(law.new_edges(len(seen), 28), rel=0.1)


def test_recurrence_grows_with_activity_and_falls_with_silence():
    law = IncidenceLaw(a=0.5, b=2.0, spans=28)
    again = law.recurrence(np.array([1, 5, 20]), np.zeros(3), 28)
    assert list(again) == sorted(again)
    quiet = law.recurrence(np.full(4, 5.0), np.array([0, 4, 12, 20]), 28)
    assert list(quiet) == sorted(quiet, reverse=True)
    assert ((again >= 0) & (again <= 1)).all()


def test_few_edges_leave_the_prior_in_charge():
    law = fit_incidence(np.array([28]), np.array([1.0]), 28)
    assert 0.001 < law.a < 10
    assert 0.001 < law.b < 10
