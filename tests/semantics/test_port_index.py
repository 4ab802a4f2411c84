from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recommender.model.edge import Protocol
from recommender.semantics.port_index import PortIndex
from recommender.semantics.ports import TRANSPORTS, PortMatch, every, named, single

NAMED_PORTS = (("http", "TCP", 8080), ("http", "UDP", 8081), ("dns", "UDP", 53))
_PROTOCOLS = st.sets(st.sampled_from(sorted(TRANSPORTS)), min_size=1).map(frozenset)
_MATCHES = st.one_of(
    st.builds(single, _PROTOCOLS, st.integers(0, 6), st.integers(0, 9)),
    st.builds(every, _PROTOCOLS),
    st.builds(named, _PROTOCOLS, st.sampled_from(["http", "dns", "other"])),
)
_RULES = st.lists(st.lists(_MATCHES, max_size=3).map(tuple), max_size=8)


def admits(match: PortMatch, protocol: Protocol, port: int) -> bool:
    if protocol not in match.protocols:
        return False
    if match.name:
        return (match.name, protocol.value, port) in NAMED_PORTS
    return match.low <= port <= match.high


def grouped(rules):
    found = {}
    for number, matches in enumerate(rules):
        found[matches] = found.get(matches, frozenset()) | {number}
    return found


@given(
    _RULES,
    st.frozensets(st.integers(0, 7)),
    st.sampled_from([*TRANSPORTS]),
    st.sampled_from([0, 1, 5, 6, 9, 53, 8080, 8081]),
)
def test_the_index_finds_what_a_comparison_with_every_rule_finds(rules, portless, protocol, port):
    index = PortIndex.of(grouped(rules), portless=portless)
    expected = portless
    for number, matches in enumerate(rules):
        if any(admits(match, protocol, port) for match in matches):
            expected |= {number}
    assert index.covering(protocol, port, NAMED_PORTS) == expected


def test_a_name_is_the_number_that_the_destination_gives_it():
    index = PortIndex.of({(named(TRANSPORTS, "HTTP"),): frozenset({1})}, portless=frozenset())
    assert index.covering(Protocol.TCP, 8080, NAMED_PORTS) == {1}
    assert index.covering(Protocol.TCP, 8080, ()) == frozenset()


@given(_RULES, st.sampled_from([*TRANSPORTS]), st.integers(0, 9), st.integers(0, 9))
def test_between_turning_points_nothing_changes(rules, protocol, first, length):
    index = PortIndex.of(grouped(rules), portless=frozenset())
    points = index.turning_points(protocol, first, first + length, NAMED_PORTS)
    assert points[0] == first
    answers = {point: index.covering(protocol, point, NAMED_PORTS) for point in points}
    for port in range(first, first + length + 1):
        nearest = max(point for point in points if point <= port)
        assert index.covering(protocol, port, NAMED_PORTS) == answers[nearest]
