import pytest

from recommender.assess import estimate_completeness
from recommender.assess.completeness.births import births_within, born_in_window
from recommender.assess.completeness.estimate import UNITS_AGREE
from recommender.model.disposition import Decided
from tests.assess.builders import QUARANTINED, capture, end
from tests.assess.scored import active, scores

OUT = Decided(disposition=QUARANTINED, reason="part of a scan")


def many(hours_of, count=20, port=8080):
    return [active(*hours_of(number), server=end(f"s{number}"), port=port) for number in range(count)]


def steady(number):
    return range(number % 5, 168, 5)


def test_a_day_or_twelve_incidences_are_the_least_for_an_estimate():
    few = scores(active(1, 7, 50))
    assert estimate_completeness(few, 7.0).new_edges is None
    short = scores(*many(lambda _: (1, 8, 15, 21), count=5), window=capture(22 / 24))
    told = estimate_completeness(short, 7.0)
    assert told.new_edges is None
    assert 0 < told.unseen.bound <= 1
    assert estimate_completeness(scores(*many(steady)), 7.0).new_edges is not None


def test_what_waits_in_quarantine_is_screened_before_anything_is_counted():
    needs = many(steady)
    scan = [active(40, client=end("spy"), server=end(f"s{number}"), port=22) for number in range(30)]
    clean = estimate_completeness(scores(*needs), 7.0)
    screened = estimate_completeness(scores(*needs, *scan, decided={one.edge_id: OUT for one in scan}), 7.0)
    blessed = estimate_completeness(scores(*needs, *scan), 7.0)
    assert screened.unseen == clean.unseen
    assert blessed.unseen.bound > 3 * clean.unseen.bound


def test_rare_edges_announce_new_ones():
    rare = estimate_completeness(
        scores(*many(steady), *many(lambda number: (6 * number + 30,), count=12, port=81)), 7.0
    )
    common = estimate_completeness(scores(*many(steady, count=32)), 7.0)
    assert rare.new_edges.expected > 2 * common.new_edges.expected
    assert rare.new_edges.expected <= rare.new_edges.at_most_90 <= rare.new_edges.at_most_95


def test_bursts_make_the_units_disagree_and_that_is_said():
    bursts = many(lambda number: range(6 * number, 6 * number + 6))
    told = estimate_completeness(scores(*bursts, *many(lambda _: range(100, 106), count=5, port=81)), 7.0)
    assert told.unit_ratio is not None
    assert bool(told.warning) == (not 1 / UNITS_AGREE <= told.unit_ratio <= UNITS_AGREE)
    assert "take the bounds instead" in told.warning


def test_an_edge_that_sets_in_late_and_stays_was_born():
    found = scores(active(*range(100, 168, 2)), active(*range(1, 168, 5), port=1), active(100, 130, 160, port=2))
    ports = [one.port for one in found.table.edges]
    born = dict(zip(ports, born_in_window(found.table.timing, found.spans), strict=True))
    assert born == {5432: True, 1: False, 2: False}


def test_births_go_on_at_their_pace():
    assert births_within(6.0, 7 * 24, 7.0) == pytest.approx(7 * 6.5 / 6)
    assert births_within(0.0, 24, 7.0) > 0
