import ipaddress

import pytest

from recommender.model.inventory import Inventory, InventoryPod, InventoryService
from recommender.policy.reserved_networks import ReservedNetworks


@pytest.mark.parametrize(
    ("network", "touched"),
    [
        ("10.0.0.0/30", True),
        ("8.0.0.0/6", True),
        ("9.255.255.254/31", False),
        ("169.254.169.254/32", True),
        ("168.63.129.0/24", True),
        ("168.63.130.0/24", False),
        ("100.128.0.0/24", False),
        ("224.0.0.1/32", True),
        ("223.255.255.0/24", False),
        ("64:ff9b::/96", True),
        ("2001:db8::/32", False),
        ("fd20:ce::/64", True),
        ("::/0", True),
    ],
)
def test_special_ranges(network, touched):
    assert ReservedNetworks.special().touches(ipaddress.ip_network(network)) is touched


def test_the_neighbourhood_of_pods_nodes_and_services_is_reserved():
    inventory = Inventory(
        node_addresses=("198.51.100.7",),
        pods=(InventoryPod(namespace="a", name="b", labels=(), addresses=("2001:db8:1::5", "None")),),
        services=(InventoryService(namespace="a", name="s", cluster_ips=("None", "203.0.113.9")),),
    )
    reserved = ReservedNetworks.of(["192.0.2.4"], inventory, single=["198.18.0.1", "192.88.99.1"])
    for text in ("198.51.100.200/32", "203.0.113.1/32", "192.0.2.255/32", "2001:db8:1::ffff/128", "192.88.99.1/32"):
        assert reserved.touches(ipaddress.ip_network(text)), text
    for text in ("198.51.101.0/32", "2001:db8:1:1::/128", "192.88.99.2/32"):
        assert not reserved.touches(ipaddress.ip_network(text)), text
