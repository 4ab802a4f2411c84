import numpy as np
import pytest

from benchmarks.calibration.fit_rules import fit_form
from benchmarks.calibration.measure import measure
from benchmarks.calibration.recording import record
from benchmarks.calibration.table import render
from benchmarks.calibration.tenants import tenant_world
from benchmarks.calibration.trains import train_world
from benchmarks.calibration.world import LONGEST, Truth
from recommender.assess.coefficients import coefficients
from recommender.assess.confidence.features import Feature


@pytest.mark.parametrize("make", [tenant_world, train_world])
def test_equal_seeds_give_equal_clusters(make):
    first, second = make(3), make(3)
    assert first.traffic.keys() == second.traffic.keys()
    assert all((one.hours == second.traffic[key].hours).all() for key, one in first.traffic.items())
    assert make(4).traffic.keys() != first.traffic.keys()


def test_the_noise_of_the_testing_process_is_not_that_of_the_fitting_process():
    def truths(make):
        return {one.truth for seed in range(6) for one in make(seed).traffic.values()}

    fitted, tested = truths(tenant_world), truths(train_world)
    assert Truth.SLOW_SCAN in tested - fitted
    assert Truth.LATERAL in tested - fitted


def test_a_window_holds_nothing_of_the_week_after():
    recording = record(train_world(2))
    observation = recording.window(7)
    end = recording.world.start_ns + LONGEST * 3_600_000_000_000
    assert all(edge.evidence.last_seen < end for edge in observation.edges)
    assert observation.capture.hour_count == 7 * 24


def test_a_feature_never_gets_the_wrong_sign():
    random = np.random.default_rng(1)
    values = random.random((400, len(Feature)))
    against = values[:, tuple(Feature).index(Feature.DAYS)] < 0.5
    form = fit_form(values, against)
    assert form.weights["days"] == 0
    assert all(weight >= 0 or not Feature(name).speaks_for for name, weight in form.weights.items())


def test_shipped_coefficients_keep_their_signs_and_divide_without_adding():
    shipped = coefficients()
    for form in (shipped.rule.answers_known, shipped.rule.answers_unknown):
        for name, weight in form.weights.items():
            assert weight >= 0 if Feature(name).speaks_for else weight <= 0
    for shares in (shipped.breakage.outgoing, shipped.breakage.incoming, shipped.breakage.releases):
        assert sum(shares.values()) == pytest.approx(1, abs=0.01)
    assert shipped.provenance.command.startswith("python -m benchmarks.calibration.fit")


def test_the_table_has_every_figure():
    told = []
    text = render(measure(train_world, [1], [7], told.append))
    assert told == ["trains-1, 7 d"]
    for title in ("Confidence of rules", "Recurrence", "Predicted breakage", "New edges", "Unseen activity"):
        assert title in text
    assert "nan" not in text
