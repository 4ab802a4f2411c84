from hypothesis import given
from hypothesis import strategies as st

from recommender.model.edge import Protocol
from recommender.semantics.port_spans import EVERY_PORT, PortSpan, beyond, either

span = st.builds(
    lambda protocol, low, length, proxied: PortSpan(protocol=protocol, low=low, high=low + length, proxied=proxied),
    st.sampled_from([Protocol.TCP, Protocol.UDP]),
    st.integers(1, 12),
    st.integers(0, 6),
    st.booleans(),
)
spans = st.lists(span, max_size=4).map(lambda some: either([tuple(some)]))


def freedoms(some):
    """(protocol, port, whether without a proxy): what is free without a proxy is so with one."""
    plain = {(s.protocol, port, True) for s in some if not s.proxied for port in range(s.low, s.high + 1)}
    every = {(s.protocol, port, False) for s in some for port in range(s.low, s.high + 1)}
    return plain | every


@given(spans, spans)
def test_beyond_is_what_the_second_does_not_allow_as_freely(first, second):
    found = beyond(first, second)
    left = freedoms(first) - freedoms(second)
    assert {(s.protocol, port) for s in found for port in range(s.low, s.high + 1)} == {(p, n) for p, n, _ in left}
    assert found == either([found])


@given(spans)
def test_nothing_is_beyond_everything_or_itself(some):
    assert beyond(some, EVERY_PORT) == ()
    assert beyond(some, some) == ()
    assert beyond(some, ()) == some
