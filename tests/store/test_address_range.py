"""The SQL agrees with Python's ipaddress on every address and range."""

from __future__ import annotations

import ipaddress

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.store.address_range import address_predicate

SPARSE = st.lists(st.sampled_from([0, 0, 0, 1, 0xDB8, 0x2001, 0xFFFF]), min_size=8, max_size=8)
ADDRESSES = st.one_of(
    st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address),
    st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address),
    SPARSE.map(lambda groups: ipaddress.IPv6Address(":".join(f"{group:x}" for group in groups))),
)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


@settings(max_examples=150, deadline=None)
@given(addresses=st.lists(ADDRESSES, min_size=1, max_size=20), data=st.data())
def test_ranges_hold_what_ipaddress_says(connection, addresses, data):
    base = data.draw(st.sampled_from(addresses))
    network = ipaddress.ip_network((base, data.draw(st.integers(0, base.max_prefixlen))), strict=False)
    predicate = address_predicate(str(network), column="ip")
    query = f"SELECT ip FROM (SELECT unnest(?) AS ip) WHERE {predicate}"
    found = {ip for (ip,) in connection.execute(query, [[str(address) for address in addresses]]).fetchall()}
    assert found == {str(address) for address in addresses if address in network}


@pytest.mark.parametrize("text", ["", "x", "1.2.3", ":", "::g", "999.1.1.1.1"])
def test_what_is_no_address_lies_in_no_range_that_could_hold_it(connection, text):
    predicate = address_predicate("10.0.0.0/8", column="ip")
    assert connection.execute(f"SELECT 1 FROM (SELECT ?::VARCHAR AS ip) WHERE {predicate}", [text]).fetchall() == []
