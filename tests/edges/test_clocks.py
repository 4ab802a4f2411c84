import pytest

from recommender.edges.clocks import FEWEST_CONNECTIONS, clock_offsets
from tests.edges.captures import HandMadeCapture
from tests.edges.test_orientation import DB, WEB, addressed

SECOND = 1_000_000_000
HOUR = 3600 * SECOND


def test_both_directions_together_cancel_the_transit_out():
    there, back = ("a", "b", 50, 5 * SECOND + 300_000.0), ("b", "a", 50, -5 * SECOND + 300_000.0)
    assert clock_offsets([there, back]) == {"a": -2_500_000_000, "b": 2_500_000_000}


def test_the_median_clock_is_the_zero_and_one_stray_clock_stands_out():
    pairs = [("a", "b", 9, 0.0), ("b", "c", 9, 0.0), ("c", "d", 9, 7.0 * SECOND), ("a", "c", 9, 0.0)]
    assert clock_offsets(pairs) == pytest.approx({"a": 0, "b": 0, "c": 0, "d": 7 * SECOND}, abs=1000)


def test_parts_of_a_cluster_that_never_meet_have_a_zero_each():
    offsets = clock_offsets([("a", "b", 9, 0.0), ("x", "y", 9, 2.0 * HOUR)])
    assert offsets == pytest.approx({"a": 0, "b": 0, "x": -HOUR, "y": HOUR}, abs=1_000_000)


def test_a_few_connections_say_nothing():
    assert clock_offsets([("a", "b", FEWEST_CONNECTIONS - 1, 9.0 * SECOND)]) == {}


def sightings(capture, *, port, at, late, flags=("SYN",), **columns):
    """One connection as its client's and its server's node date it."""
    client = (WEB[0], port)
    at_client, at_server = capture.pod("web-1", local=True), capture.pod("db-1")
    capture.flow(at_client, at_server, **addressed(client, DB), at=at, flags=flags, is_reply=False, **columns)
    ends = capture.pod("web-1"), capture.pod("db-1", local=True)
    capture.flow(*ends, **addressed(client, DB), at=at + late, node="node-b", flags=flags, is_reply=False, **columns)


def offsets_of(capture):
    return {node.node: node.clock_offset for node in capture.observe().capture.nodes}


@pytest.mark.parametrize("late", [3 * SECOND, -3 * SECOND, 5 * HOUR])
def test_openings_that_both_nodes_saw_show_their_clocks(late):
    capture = HandMadeCapture()
    for number in range(FEWEST_CONNECTIONS):
        sightings(capture, port=40_000 + number, at=number * 60 * SECOND, late=late)
    found = offsets_of(capture)
    assert found["node-b"] - found["node-a"] == pytest.approx(late, abs=1_000_000)


def test_packets_in_the_middle_of_a_connection_are_no_common_moment():
    capture = HandMadeCapture()
    for number in range(FEWEST_CONNECTIONS):
        sightings(capture, port=40_000 + number, at=number * 60 * SECOND, late=9 * SECOND, flags=("ACK",))
    assert offsets_of(capture) == {"node-a": None, "node-b": None}


def test_one_node_has_no_other_clock_beside_it():
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1", local=True)
    capture.flow(*ends, **addressed(WEB, DB), flags=("SYN",), is_reply=False)
    assert offsets_of(capture) == {"node-a": None}
