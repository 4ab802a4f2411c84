from __future__ import annotations

import pytest

from recommender.policy.peer_naming import single_prefix


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("2001:DB8:0::7", "2001:db8::7/128"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("fe80::1%eth0", ""),
        ("203.0.113.7/24", ""),
        ("redacted", ""),
        ("", ""),
    ],
)
def test_an_address_is_written_as_one_exact_prefix(address, prefix):
    assert single_prefix(address) == prefix
