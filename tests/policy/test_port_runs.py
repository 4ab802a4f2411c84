import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.policy.port_runs import (
    FEWEST_IN_RUN,
    KNOWN_RANGES,
    UNSEEN_FOR_EACH_SEEN,
    PortRun,
    port_runs,
)


def runs(ports, services=()):
    return [(run.low, run.high) for run in port_runs(ports, services=services)]


def drawn(count, low, high, seed=1):
    return random.Random(seed).sample(range(low, high + 1), count)


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (range(21100, 21111), [(21100, 21110)]),
        (range(21101, 21110), [(21100, 21110)]),
        (drawn(40, 50000, 51000), [(50000, 51000)]),
        (drawn(30, 32768, 60999), [(32768, 60999)]),
        (drawn(30, 49152, 65535), [(49152, 65535)]),
        (drawn(30, 16384, 32767), [(16384, 32767)]),
        ([*range(21100, 21111), *drawn(20, 50000, 50100)], [(21100, 21110), (50000, 50100)]),
        ([*range(21100, 21111), 8443, 9000], [(21100, 21110)]),
    ],
)
def test_ports_become_the_ranges_that_they_were_drawn_from(ports, expected):
    assert runs(ports) == expected


def test_services_scattered_over_all_ports_are_no_range():
    assert runs(drawn(25, 1024, 65535)) == []
    assert runs([80, 443, 1024, 3306, 5432, 8080]) == []


def test_no_range_opens_a_known_service():
    assert runs(drawn(40, 50000, 51000), services=[50051, 50000, 9999]) == [(50001, 50050), (50052, 51000)]


@pytest.mark.parametrize("seed", range(20))
def test_a_few_more_ports_next_time_change_nothing(seed):
    for low, high in ((30000, 31000), (40000, 40100), (32768, 60999)):
        first = drawn(60, low, high, seed)
        assert runs(first) == runs([*first, *drawn(6, low, high, seed + 100)]) == [(low, high)]


_PORTS = st.sets(st.integers(1, 65535), max_size=60) | st.builds(
    lambda low, steps: {low + step for step in steps}, st.integers(1024, 60000), st.sets(st.integers(0, 300))
)


@settings(deadline=None)
@given(_PORTS, st.sets(st.integers(1024, 65535), max_size=5))
def test_ranges_rest_on_ports_keep_their_bound_and_avoid_services(ports, services):
    found = port_runs(ports, services=services - ports)
    assert list(found) == sorted(found)
    for before, after in itertools.pairwise(found):
        assert before.high < after.low
    for run in found:
        assert run.low >= 1024
        assert run.high <= 65535
        assert not any(run.covers(port) for port in services - ports)
    whole = port_runs(ports)
    for run in whole:
        seen = sum(run.covers(port) for port in ports)
        assert seen >= FEWEST_IN_RUN
        known = any(PortRun(low=low, high=high) == run for low, high in KNOWN_RANGES)
        joined_known = any(run.covers(low) and run.covers(high) for low, high in KNOWN_RANGES)
        width = run.high - run.low + 1
        assert known or joined_known or width - seen <= UNSEEN_FOR_EACH_SEEN * seen
