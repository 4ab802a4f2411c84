"""How wide the same policies are in each dialect, by the evaluator's reading."""

import re

from recommender.comparing import compare_dialects
from recommender.complement import take_up
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.existing import ExistingUse
from recommender.model.inventory import Inventory
from recommender.model.manifest import Dialect
from tests.complement.scene import WORKLOADS, inventory_of, names_of
from tests.policy.scene import PROMETHEUS, SHOP_GROUPS, WEB, assessed, edge, entity, policies, shop_edges
from tests.semantics.calico_samples import calico
from tests.semantics.samples import ccnp

_OPEN = re.compile(r"open: (\d+) of 12 pairs of groups, (\d+) groups to any address outside, (\d+) from any")


def widths(edges, inventory=None):
    """By dialect: pairs open, groups that reach the world, groups that the world reaches."""
    inventory = inventory or Inventory()
    in_force = take_up(
        inventory, edges, WORKLOADS, names_of(SHOP_GROUPS), use=ExistingUse.COMPLEMENT, dialect=Dialect.CILIUM
    )
    (gap,) = compare_dialects(policies(edges, SHOP_GROUPS).policies, assessed(edges), SHOP_GROUPS, in_force)
    lines = dict(example.split(": ", 1) for example in gap.examples)
    return {dialect: tuple(map(int, _OPEN.search(lines[dialect.value]).groups())) for dialect in Dialect}


def test_a_wider_substitute_shows_in_numbers():
    found = widths(shop_edges())
    pairs, to_world, from_world = found[Dialect.CILIUM]
    assert (to_world, from_world) == (0, 1)
    assert found[Dialect.KUBERNETES] == (pairs, 1, 1)
    assert found[Dialect.CLUSTER_NETWORK_POLICY][2] == len(SHOP_GROUPS)


def test_a_rule_without_a_peer_opens_ways_between_groups_that_nobody_went():
    """The API server becomes anybody on its port where NetworkPolicy says it."""
    edges = (
        edge(WEB, entity(Entity.KUBE_APISERVER), 6443, server_addresses=("192.0.2.10",)),
        edge(entity(Entity.REMOTE_NODE), PROMETHEUS, 6443, Protocol.TCP, client_addresses=("192.0.2.11",)),
    )
    found = widths(edges)
    assert found[Dialect.CILIUM][0] == 0
    assert found[Dialect.KUBERNETES][0] == 1


def test_existing_policies_count_where_the_dialect_is_enforced():
    edges = shop_edges()
    open_to_all = ccnp("open", ingress=[{"fromEntities": ["all"]}], egress=[{"toEntities": ["all"]}])
    alone, beside = widths(edges), widths(edges, inventory_of(open_to_all))
    assert beside[Dialect.CILIUM][0] == 12 > alone[Dialect.CILIUM][0]
    assert beside[Dialect.CALICO] == alone[Dialect.CALICO]


def test_a_policy_that_cannot_be_beside_the_dialect_is_no_failure():
    other = calico("other", ingress=[{"action": "Allow"}])
    assert widths(shop_edges(), inventory_of(other)) == widths(shop_edges())


def test_among_very_many_groups_only_losses_are_told(monkeypatch):
    monkeypatch.setattr("recommender.comparing.MOST_GROUPS", len(SHOP_GROUPS) - 1)
    edges = shop_edges()
    in_force = take_up(
        Inventory(), edges, WORKLOADS, names_of(SHOP_GROUPS), use=ExistingUse.COMPLEMENT, dialect=Dialect.CILIUM
    )
    (gap,) = compare_dialects(policies(edges, SHOP_GROUPS).policies, assessed(edges), SHOP_GROUPS, in_force)
    assert not any("open:" in example for example in gap.examples)
    assert "was not judged" in gap.reason
