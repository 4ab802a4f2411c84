from __future__ import annotations

import pytest

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, GroupPeer
from tests.policy.scene import (
    COREDNS,
    DB,
    PROMETHEUS,
    SHOP_GROUPS,
    WEB,
    address,
    by_name,
    dns_edge,
    edge,
    end,
    entity,
    group,
    policies,
    workload,
)


def baselines(policy, direction):
    return [rule for rule in policy.rules_for(direction) if rule.baseline is Baseline.DNS]


def ports(rule):
    return [f"{port.protocol}/{port.port}" for port in rule.ports]


def test_everybody_may_ask_the_dns_server_and_it_hears_everybody_over_both_protocols():
    asked = dns_edge(WEB)
    made = by_name(policies([asked], SHOP_GROUPS))
    for name in ("shop/web", "shop/db", "monitoring/prometheus"):
        (rule,) = baselines(made[name], Direction.EGRESS)
        assert rule.peer.group.name == "coredns"
        assert ports(rule) == ["TCP/53", "UDP/53"]
        assert rule.edges == ((asked.edge_id,) if name == "shop/web" else ())
    heard = baselines(made["kube-system/coredns"], Direction.INGRESS)
    assert [rule.peer.group.display for rule in heard] == ["monitoring/prometheus", "shop/db", "shop/web"]
    assert all(ports(rule) == ["TCP/53", "UDP/53"] for rule in heard)


def test_the_dns_server_itself_gets_no_baseline_but_its_upstream_is_evidence():
    upstream = edge(COREDNS, address("198.51.100.53"), 53, Protocol.UDP)
    dns = by_name(policies([dns_edge(WEB), upstream], SHOP_GROUPS))["kube-system/coredns"]
    (rule,) = dns.rules_for(Direction.EGRESS)
    assert (rule.baseline, rule.peer) == (None, CidrPeer(cidrs=("198.51.100.53/32",)))


def test_other_ports_of_the_dns_server_stay_ordinary_rules():
    scrape = edge(PROMETHEUS, COREDNS, 9153)
    made = by_name(policies([dns_edge(PROMETHEUS), scrape], SHOP_GROUPS))
    rules = made["monitoring/prometheus"].rules_for(Direction.EGRESS)
    assert [(rule.baseline, ports(rule)) for rule in rules] == [
        (Baseline.DNS, ["TCP/53", "UDP/53"]),
        (None, ["TCP/9153"]),
    ]


def test_openshift_pods_answer_on_5353():
    server = end("openshift-dns", "dns-default", kind="DaemonSet")
    groups = [*SHOP_GROUPS[:3], group(server, labels={"dns.operator.openshift.io/daemonset-dns": "default"})]
    made = by_name(policies([dns_edge(WEB, server, port=5353)], groups))
    (rule,) = baselines(made["shop/db"], Direction.EGRESS)
    assert ports(rule) == ["TCP/5353", "UDP/5353"]


def test_a_label_says_dns_where_the_name_does_not():
    server = end("kube-system", "resolver")
    groups = [*SHOP_GROUPS[:2], group(server)]
    workloads = [workload(WEB), workload(DB), workload(server, labels=("k8s:k8s-app=kube-dns",))]
    made = by_name(policies([dns_edge(WEB, server)], groups, workloads=workloads))
    assert baselines(made["shop/db"], Direction.EGRESS)


def test_a_pod_that_calls_itself_dns_elsewhere_is_not_believed():
    impostor = end("shop", "coredns")
    groups = [*SHOP_GROUPS[:2], group(impostor, labels={"k8s-app": "kube-dns"})]
    workloads = [workload(WEB), workload(DB), workload(impostor, labels=("k8s:k8s-app=kube-dns",))]
    made = policies([dns_edge(WEB, impostor)], groups, workloads=workloads)
    assert not any(rule.baseline for policy in made.policies for rule in policy.rules)
    assert by_name(made)["shop/web"].rules_for(Direction.EGRESS)
    assert "NPR303" in {gap.code for gap in made.gaps}


def test_many_clients_make_any_server_of_port_53_the_dns():
    server = end("infra", "unbound")
    clients = [end("shop", f"app-{number}") for number in range(5)]
    groups = [group(server), *(group(client) for client in clients), group(DB)]
    made = by_name(policies([dns_edge(client, server) for client in clients], groups))
    assert baselines(made["shop/db"], Direction.EGRESS)


def test_node_local_dns_appears_as_the_host_or_as_its_address():
    edges = [
        dns_edge(WEB, entity(Entity.HOST), server_addresses=("169.254.20.10",)),
        dns_edge(WEB, address("169.254.25.10")),
    ]
    rules = baselines(by_name(policies(edges, SHOP_GROUPS))["shop/db"], Direction.EGRESS)
    assert [rule.peer for rule in rules] == [
        EntityPeer(entity=Entity.HOST, addresses=("169.254.20.10",)),
        CidrPeer(cidrs=("169.254.25.10/32",)),
    ]


def test_one_pod_that_asks_a_host_is_ordinary_evidence():
    made = by_name(policies([dns_edge(WEB, entity(Entity.HOST))], SHOP_GROUPS))
    assert not baselines(made["shop/web"], Direction.EGRESS)
    assert not made["shop/db"].rules_for(Direction.EGRESS)


def test_a_node_that_asks_is_an_ordinary_rule_of_the_server():
    made = by_name(policies([dns_edge(WEB), dns_edge(entity(Entity.REMOTE_NODE))], SHOP_GROUPS))
    (rule,) = [r for r in made["kube-system/coredns"].rules_for(Direction.INGRESS) if isinstance(r.peer, EntityPeer)]
    assert rule.baseline is None


def test_quarantined_lookups_make_nobody_a_dns_server():
    one = dns_edge(WEB)
    decided = {one.edge_id: Decided(disposition=Disposition.QUARANTINED)}
    made = policies([one], SHOP_GROUPS, decided=decided)
    assert not any(policy.rules for policy in made.policies)


def test_a_group_whose_lookups_are_quarantined_gets_no_baseline_to_slip_through():
    released, suspect = dns_edge(WEB), dns_edge(DB)
    decided = {
        released.edge_id: Decided(disposition=Disposition.NEEDED),
        suspect.edge_id: Decided(disposition=Disposition.QUARANTINED),
    }
    made = by_name(policies([released, suspect], SHOP_GROUPS, decided=decided))
    assert baselines(made["shop/db"], Direction.EGRESS) == []
    heard = baselines(made["kube-system/coredns"], Direction.INGRESS)
    assert [rule.peer.group.display for rule in heard] == ["monitoring/prometheus", "shop/web"]


def test_groups_seen_from_the_far_side_are_heard_too():
    workloads = [workload(WEB), workload(COREDNS), workload(DB, observed_locally=False)]
    groups = [SHOP_GROUPS[0], SHOP_GROUPS[1], SHOP_GROUPS[3]]
    made = by_name(policies([dns_edge(WEB)], groups, workloads=workloads))
    heard = baselines(made["kube-system/coredns"], Direction.INGRESS)
    assert [rule.peer.group.display for rule in heard] == ["shop/db", "shop/web"]


def test_each_cluster_has_its_own_dns():
    east, west = end("kube-system", "coredns", cluster="east"), end("kube-system", "coredns", cluster="west")
    web, api = end("shop", "web", cluster="east"), end("shop", "api", cluster="west")
    groups = [group(one) for one in (east, west, web, api)]
    made = by_name(policies([dns_edge(web, east), dns_edge(api, west)], groups))
    (rule,) = baselines(made["east/shop/web"], Direction.EGRESS)
    assert rule.peer.group.cluster == "east"
    heard = baselines(made["west/kube-system/coredns"], Direction.INGRESS)
    assert [one.peer.group.display for one in heard] == ["west/shop/api"]


@pytest.mark.parametrize("edges", [[], [edge(WEB, DB, 5432)], [dns_edge(WEB, address("198.51.100.53"))]])
def test_no_dns_is_a_gap(edges):
    (gap,) = [gap for gap in policies(edges, SHOP_GROUPS).gaps if gap.code == "NPR303"]
    assert gap.severity == "high"


def test_dns_in_quarantine_is_told_and_not_denied():
    asked = dns_edge(WEB)
    quarantined = {asked.edge_id: Decided(disposition=Disposition.QUARANTINED, reason="a debug pod?")}
    made = policies([asked, edge(WEB, DB, 5432)], SHOP_GROUPS, decided=quarantined)
    (gap,) = [gap for gap in made.gaps if gap.code == "NPR303"]
    assert "of 1 edges to port 53 or 5353, 0 lead elsewhere, 1 are quarantined" in gap.reason
    assert gap.examples == (asked.key,)


def test_seen_dns_is_no_gap():
    made = policies([dns_edge(WEB)], SHOP_GROUPS)
    assert "NPR303" not in {gap.code for gap in made.gaps}
    assert isinstance(by_name(made)["shop/web"].rules[0].peer, GroupPeer)


def test_a_dns_server_without_egress_is_a_severe_gap():
    (gap,) = [gap for gap in policies([dns_edge(WEB)], SHOP_GROUPS).gaps if gap.code == "NPR313"]
    assert (gap.subject, gap.severity) == ("kube-system/coredns", "high")
    upstream = edge(COREDNS, address("198.51.100.53"), 53, Protocol.UDP)
    assert "NPR313" not in {gap.code for gap in policies([dns_edge(WEB), upstream], SHOP_GROUPS).gaps}
