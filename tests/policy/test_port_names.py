"""Numbers are written; names are told where the server's pods have them."""

from __future__ import annotations

from recommender.model.entity import Entity
from recommender.model.policy import Direction
from tests.policy.scene import DB, SHOP_GROUPS, WEB, by_name, edge, entity, fqdn, policies, workload

GROUPS = SHOP_GROUPS[:2]
ONE_NUMBER = workload(DB, named_ports=(("sql", "TCP", 5432), ("sql", "UDP", 5432), ("metrics", "TCP", 9187)))
TWO_NUMBERS = workload(DB, named_ports=(("sql", "TCP", 5432), ("sql", "TCP", 5433)))


def names(edges, server, group="shop/db", direction=Direction.INGRESS):
    made = policies(edges, GROUPS, workloads=[workload(WEB), server])
    return [
        (str(named.port), named.name, named.numbers)
        for rule in by_name(made)[group].rules_for(direction)
        for named in rule.port_names
    ]


def test_both_ends_tell_the_name_at_the_server():
    edges = [edge(WEB, DB, 5432), edge(WEB, DB, 6543)]
    expected = [("TCP/5432", "sql", (5432,))]
    assert names(edges, ONE_NUMBER) == names(edges, ONE_NUMBER, "shop/web", Direction.EGRESS) == expected


def test_a_name_of_several_numbers_is_told_with_all_of_them():
    assert names([edge(WEB, DB, 5432)], TWO_NUMBERS) == [("TCP/5432", "sql", (5432, 5433))]


def test_peers_that_are_no_pods_have_no_names_in_egress():
    edges = [edge(DB, entity(Entity.WORLD), 5432), edge(DB, fqdn("sql.example.com"), 5432)]
    assert names(edges, ONE_NUMBER, direction=Direction.EGRESS) == []


def test_whoever_calls_the_server_is_told_its_names():
    assert names([edge(entity(Entity.WORLD), DB, 9187)], ONE_NUMBER) == [("TCP/9187", "metrics", (9187,))]


def test_a_range_has_no_names():
    edges = [edge(WEB, DB, 5400 + number, connections=1, active_hours=1) for number in range(40)]
    assert [named for named in names(edges, TWO_NUMBERS) if "-" in named[0]] == []
