import ipaddress

import pytest

from recommender.model.special_addresses import METADATA_ADDRESSES, UNJOINABLE_NETWORKS, is_metadata, is_private


@pytest.mark.parametrize("address", sorted(METADATA_ADDRESSES))
def test_every_metadata_address_is_one_on_any_port_and_never_joined(address):
    assert is_metadata(address, 80)
    assert any(
        ipaddress.ip_address(address) in one
        for one in UNJOINABLE_NETWORKS
        if one.version == ipaddress.ip_address(address).version
    )


def test_the_resolver_of_azure_is_no_metadata_service():
    assert not is_metadata("168.63.129.16", 53)
    assert is_metadata("169.254.169.254", 53)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.1.2.3", True),
        ("172.31.255.255", True),
        ("172.32.0.0", False),
        ("100.64.0.1", True),
        ("fd00::1", True),
        ("fe80::1", True),
        ("203.0.113.1", False),
        ("2001:db8::1", False),
    ],
)
def test_private_ranges(address, expected):
    assert is_private(ipaddress.ip_address(address)) is expected
