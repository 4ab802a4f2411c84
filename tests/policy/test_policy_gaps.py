from __future__ import annotations

import pytest

from recommender.model.entity import Entity
from recommender.model.inventory import Inventory, InventoryPod, InventoryService
from recommender.model.policy import CidrPeer, Direction
from tests.policy.scene import (
    SHOP_GROUPS,
    WEB,
    address,
    by_name,
    dns_edge,
    edge,
    entity,
    fqdn,
    policies,
    shop_edges,
)


def gaps(made, code):
    return [gap for gap in made.gaps if gap.code == code]


def test_remote_nodes_may_connect_with_a_gap():
    made = policies([edge(entity(Entity.REMOTE_NODE), WEB, 8443)], SHOP_GROUPS)
    (gap,) = gaps(made, "NPR304")
    assert (gap.subject, gap.examples) == ("shop/web", ("TCP/8443",))
    assert by_name(made)["shop/web"].rules_for(Direction.INGRESS)


def test_remote_nodes_as_servers_are_no_gap():
    assert not gaps(policies([edge(WEB, entity(Entity.REMOTE_NODE), 10250)], SHOP_GROUPS), "NPR304")


@pytest.mark.parametrize(
    ("one", "severity"),
    [(edge(entity(Entity.WORLD), WEB, 443), "info"), (edge(WEB, entity(Entity.WORLD), 443), "medium")],
)
def test_the_world_is_a_gap(one, severity):
    (gap,) = gaps(policies([one], SHOP_GROUPS), "NPR305")
    assert (gap.subject, gap.severity) == ("shop/web", severity)


@pytest.mark.parametrize("text", ["10.1.2.3", "172.20.0.1", "192.168.7.7", "100.64.1.1", "fd00::7"])
def test_private_addresses_stay_exact_and_are_a_gap(text):
    made = policies([edge(WEB, address(text), 443)], SHOP_GROUPS)
    (gap,) = gaps(made, "NPR307")
    assert (gap.severity, gap.count) == ("medium", 1)
    assert any(isinstance(rule.peer, CidrPeer) for rule in by_name(made)["shop/web"].rules)


@pytest.mark.parametrize(
    ("inventory", "owner"),
    [
        (Inventory(digest="x", node_addresses=("203.0.113.5",)), "node 203.0.113.5"),
        (
            Inventory(digest="x", pods=(InventoryPod(namespace="a", name="b", labels=(), addresses=("203.0.113.5",)),)),
            "pod a/b",
        ),
        (
            Inventory(
                digest="x", services=(InventoryService(namespace="a", name="s", cluster_ips=("None", "203.0.113.5")),)
            ),
            "service a/s",
        ),
    ],
)
def test_addresses_that_the_inventory_knows_are_a_severe_gap(inventory, owner):
    (gap,) = gaps(policies([edge(WEB, address("203.0.113.5"), 443)], SHOP_GROUPS, inventory=inventory), "NPR307")
    assert gap.severity == "high"
    assert owner in gap.reason


def test_public_and_node_local_dns_addresses_are_no_gap():
    edges = [edge(WEB, address("203.0.113.5"), 443), dns_edge(WEB, address("169.254.20.10"))]
    assert not gaps(policies(edges, SHOP_GROUPS), "NPR307")


@pytest.mark.parametrize("text", ["169.254.169.254", "fd00:ec2::254"])
def test_the_metadata_service_is_its_own_gap(text):
    made = policies([edge(WEB, address(text), 80)], SHOP_GROUPS)
    assert gaps(made, "NPR308")
    assert not gaps(made, "NPR307")


@pytest.mark.parametrize(("count", "expected"), [(25, 0), (26, 1)])
def test_many_external_addresses_on_one_port_are_a_gap(count, expected):
    edges = [edge(WEB, address(f"203.0.113.{number}"), 443) for number in range(count)]
    made = policies(edges, SHOP_GROUPS)
    assert len(gaps(made, "NPR309")) == expected
    (rule,) = [r for r in by_name(made)["shop/web"].rules if isinstance(r.peer, CidrPeer)]
    assert len(rule.edges) == count


def test_gaps_are_sorted_and_complete():
    made = policies(shop_edges(), SHOP_GROUPS)
    assert list(made.gaps) == sorted(made.gaps, key=lambda gap: gap.sort_key)
    for gap in made.gaps:
        assert all((gap.title, gap.subject, gap.reason, gap.impact, gap.action))


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([edge(WEB, fqdn("api.example.com"), 443, server_addresses=("203.0.113.9",))], "no DNS rule"),
        ([edge(WEB, fqdn("*.example.com"), 443, server_addresses=("203.0.113.9",)), dns_edge(WEB)], "Cilium refuses"),
    ],
)
def test_names_that_become_addresses_are_a_gap(edges, expected):
    (gap,) = gaps(policies(edges, SHOP_GROUPS), "NPR312")
    assert expected in gap.reason
    assert gap.examples == (edges[0].server.name,)


def test_names_that_stay_names_are_no_gap():
    edges = [edge(WEB, fqdn("api.example.com"), 443, server_addresses=("203.0.113.9",)), dns_edge(WEB)]
    assert not gaps(policies(edges, SHOP_GROUPS), "NPR312")
