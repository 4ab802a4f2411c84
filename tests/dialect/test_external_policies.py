"""Whatever was widened: all that was seen passes, and what passes beyond it is what the rules say they open."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dialect import excluded_by_losses
from recommender.model.connection import AddressEndpoint, Connection, PodEndpoint
from recommender.model.edge import Protocol
from recommender.model.inventory import Inventory
from recommender.model.manifest import Dialect
from recommender.model.policy import Direction, FqdnPeer
from recommender.model.widening import DynamicPorts, NamePatterns, WideningKind, WideningLimits
from recommender.semantics import replay
from tests.dialect.external import external_edges, external_policies, external_workloads, external_written
from tests.dialect.scene import parsed, written
from tests.dialect.test_written_policies_pass import PODS, enforced
from tests.policy.scene import DB, SHOP_GROUPS, WEB, address, dns_edge, edge, fqdn, policies

WEB_POD = PodEndpoint(namespace="shop", name="web-0", labels=(("app", "web"),), cluster="default")
DB_POD = PodEndpoint(namespace="shop", name="db-0", labels=(("app", "db"),), cluster="default")
EXACT = WideningLimits(names=NamePatterns.NEVER, ports=DynamicPorts.EXACT, cidr_budget=0)


def passes(cluster, destination, port, protocol=Protocol.TCP):
    one = Connection(source=WEB_POD, destination=destination, protocol=protocol, port=port)
    return cluster.judge(one).allowed


def opened(made, kind, group="shop/web"):
    """What the rules say that they open."""
    (policy,) = [policy for policy in made.policies if policy.group.display == group]
    return sum(
        widening.opened
        for rule in policy.rules_for(Direction.EGRESS)
        for widening in rule.widenings
        if widening.kind is kind
    )


@pytest.mark.parametrize(
    "limits", [WideningLimits(), EXACT, WideningLimits(names=NamePatterns.SIBLINGS, cidr_budget=9)]
)
@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_replay_proof_holds_however_far_rules_go(dialect, limits):
    made, result = external_policies(limits), external_written(dialect, limits)
    decided = dict(made.decided) | excluded_by_losses(result.losses)
    proof = replay(
        external_edges(), decided, workloads=external_workloads(), manifests=result.manifests, inventory=Inventory()
    )
    assert proof.holds, proof.broken
    assert proof.still_open == ()


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_stated_ports_are_opened_and_no_other(dialect):
    cluster = enforced(external_written(dialect))
    seen = {one.port for one in external_edges() if (one.client, one.server) == (WEB, DB) and one.protocol == "TCP"}
    allowed = {port for port in range(1, 65536) if passes(cluster, DB_POD, port)}
    assert seen <= allowed
    assert 50051 not in allowed
    assert len(allowed - seen) == opened(external_policies(), WideningKind.PORT_RANGE) == 75


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_stated_addresses_are_opened_and_no_other(dialect):
    cluster = enforced(external_written(dialect))
    near = [str(one) for one in ipaddress.ip_network("198.51.100.0/24")]
    links = [f"2001:db8:1:{number:x}::1" for number in range(8)]
    allowed = {text for text in (*near, *links) if passes(cluster, AddressEndpoint(address=text), 8443)}
    seen = {one.server.address for one in external_edges() if str(one.server).startswith("ip:") and one.port == 8443}
    assert seen <= allowed | {"10.9.8.7"}
    assert len(allowed - seen) == opened(external_policies(), WideningKind.ADDRESS_PREFIXES) == 33


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tenant0.example.com", True),
        ("tenant77.example.com", True),
        ("example.com", False),
        ("other.example.com", False),
        ("a.tenant0.example.com", False),
        ("tenant0.example.com.evil.org", False),
    ],
)
def test_a_pattern_passes_what_it_says(name, expected):
    cluster = enforced(external_written(Dialect.CILIUM))
    assert passes(cluster, AddressEndpoint(address="192.0.2.77", names=(name,)), 443) is expected


def test_without_widening_nothing_more_than_was_seen_is_written():
    made = external_policies(EXACT)
    assert all(not rule.widenings for policy in made.policies for rule in policy.rules)
    for manifest in external_written(Dialect.CILIUM, EXACT).manifests:
        assert "endPort" not in manifest.text
        assert "WIDER" not in manifest.text
        assert manifest.text.count("matchPattern") == manifest.text.count('matchPattern: "*"')


def test_forty_ports_and_ranges_are_a_list():
    scattered = [edge(WEB, DB, 2000 + number * 500, active_hours=60) for number in range(90)]
    made = policies(scattered, SHOP_GROUPS)
    body = parsed(written(made.policies, Dialect.CILIUM, edges=scattered, decided=made.decided))["shop/web"]
    lists = [entry["ports"] for item in body["spec"]["egress"] for entry in item["toPorts"]]
    assert [len(ports) for ports in lists] == [40, 40, 10]


_PORTS = st.sets(st.integers(50000, 50400), min_size=20, max_size=80)
_HOSTS = st.sets(st.integers(0, 255), min_size=26, max_size=90)


@settings(max_examples=25, deadline=None)
@given(_PORTS, _HOSTS, st.sampled_from([0.0, 1.0, 3.0]), st.sampled_from(list(Dialect)))
def test_all_that_was_seen_passes_and_the_rest_is_counted(ports, hosts, budget, dialect):
    edges = [edge(WEB, DB, port, connections=1, active_hours=1) for port in ports]
    edges += [edge(WEB, address(f"203.0.113.{host}"), 8443) for host in hosts]
    made = policies(edges, SHOP_GROUPS, limits=WideningLimits(cidr_budget=budget))
    cluster = enforced(written(made.policies, dialect, edges=edges, decided=made.decided))
    db = PodEndpoint(namespace="shop", name="db-0", labels=PODS[DB], cluster="default")
    open_ports = {port for port in range(49000, 52000) if passes(cluster, db, port)}
    assert ports <= open_ports
    assert len(open_ports - ports) == opened(made, WideningKind.PORT_RANGE)
    open_hosts = {n for n in range(256) if passes(cluster, AddressEndpoint(address=f"203.0.113.{n}"), 8443)}
    assert hosts <= open_hosts
    assert len(open_hosts - hosts) == opened(made, WideningKind.ADDRESS_PREFIXES)
    assert len(open_hosts - hosts) <= budget * len(hosts)


def test_a_name_covers_both_families():
    both = edge(WEB, fqdn("api.example.com"), 443, server_addresses=("203.0.113.9", "2001:db8::9"))
    made = policies([both, dns_edge(WEB)], SHOP_GROUPS)
    cluster = enforced(written(made.policies, Dialect.CILIUM, edges=[both, dns_edge(WEB)]))
    for text in both.evidence.server_addresses:
        assert passes(cluster, AddressEndpoint(address=text, names=("api.example.com",)), 443)
    (rule,) = [rule for policy in made.policies for rule in policy.rules if isinstance(rule.peer, FqdnPeer)]
    assert rule.peer.addresses == ("2001:db8::9", "203.0.113.9")
