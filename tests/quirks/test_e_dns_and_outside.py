"""Quirks 39 to 43: names, DNS and addresses that nobody owns."""

import pytest

from recommender.model.capture import FlowClass
from recommender.model.disposition import Disposition
from tests.edges.captures import keys
from tests.quirks.raw import (
    DNS_IP,
    NODE_A,
    OUTSIDE,
    WEB_IP,
    classes,
    codes,
    entity,
    observed,
    pod,
    recommended,
    record,
    reply,
    texts,
)

WORLD = entity("world", identity=2)
DNS = pod("coredns", namespace="kube-system", local=True, labels=["k8s:k8s-app=kube-dns"])
WEB = pod("web", local=True)


def asked(*, at=0.0, port=39000, **dns):
    """A lookup: the packet, and the proxy's record of the answer."""
    query = record(WEB, f"{WEB_IP}:{port}", DNS, f"{DNS_IP}:53", protocol="UDP", is_reply=False, at=at)
    l7 = {"type": "RESPONSE", "latency_ns": "1000", "dns": {"qtypes": ["A"], "rrtypes": ["A"]} | dns}
    answer = reply(query, Type="L7", event_type={"type": 129}, l7=l7, traffic_direction="EGRESS", at=at + 0.01)
    return [query, answer]


def called(*, at=10.0, port=40000, address=OUTSIDE, number=443, **flow):
    ends = WEB, f"{WEB_IP}:{port}", WORLD, f"{address}:{number}"
    first = record(*ends, "SYN", is_reply=False, at=at, **flow)
    return [first, reply(first, "SYN", "ACK", at=at + 0.1)]


def outside(result):
    return [item.edge.key.split(" -> ")[1] for item in result.edges if "coredns" not in item.edge.key]


def test_quirk_39_the_clients_own_answers_name_the_address(tmp_path):
    result = recommended(tmp_path, [*asked(query="api.example.com.", ips=[OUTSIDE], ttl=30), *called()])
    assert outside(result) == ["fqdn:api.example.com TCP/443"]
    assert 'matchName: "api.example.com"' in texts(result) or "matchName: api.example.com" in texts(result)
    assert OUTSIDE not in texts(result)


def test_quirk_39_several_names_of_one_address_are_all_told(tmp_path):
    records = [
        *asked(query="a.example.com.", ips=[OUTSIDE], ttl=30),
        *asked(query="b.example.com.", ips=[OUTSIDE], ttl=30, at=1, port=39001),
        *called(),
    ]
    observation = observed(tmp_path, records)
    [edge] = [edge for edge in observation.edges if edge.port == 443]
    assert edge.evidence.names == ("a.example.com", "b.example.com")


def test_quirk_39_a_name_chosen_among_several_is_told_and_less_sure(tmp_path):
    lookups = [
        item
        for n, name in enumerate(("a.example.com.", "b.example.com."))
        for item in asked(query=name, ips=[OUTSIDE], ttl=30, at=n, port=39000 + n)
    ]
    calls = [item for n in range(3) for item in called(at=10 + 700 * n, port=40000 + n)]
    result = recommended(tmp_path, [*lookups, *calls])
    [named] = [item for item in result.edges if item.edge.port == 443]
    assert named.edge.server.name == "b.example.com"
    assert named.confidence.value <= 0.8
    assert "NPR323" in codes(result)


def test_quirk_39_sibling_names_that_keep_coming_are_one_pattern(tmp_path):
    records = []
    for number in range(4):
        at, address = number * 36_000.0, f"203.0.113.{50 + number}"
        records += asked(query=f"tenant{number}.example.com.", ips=[address], ttl=30, at=at, port=39000 + number)
        records += called(address=address, at=at + 5, port=40000 + number)
    result = recommended(tmp_path, records)
    assert len(outside(result)) == 4
    assert 'matchPattern: "tenant*.example.com"' in texts(result)
    assert "matchName" not in texts(result)
    assert "NPR322" in codes(result)
    assert result.proof.holds


def test_quirk_39_without_any_name_the_address_stands_and_the_blindness_is_told(tmp_path):
    result = recommended(tmp_path, called())
    assert outside(result) == [f"ip:{OUTSIDE} TCP/443"]
    assert f"{OUTSIDE}/32" in texts(result)
    assert "NPR112" in codes(result)


def test_quirk_40_a_rule_by_name_has_a_dns_rule_beside_it_and_stands_alone(tmp_path):
    text = texts(recommended(tmp_path, [*asked(query="api.example.com.", ips=[OUTSIDE], ttl=30), *called()]))
    web = next(part for part in text.split("\n---\n") if "toFQDNs" in part)
    assert "matchPattern" in web
    assert "dns:" in web


@pytest.mark.parametrize("name", ["db.shop.svc.cluster.local.", "db.shop.svc."])
def test_quirk_40_names_of_the_cluster_are_in_no_rule_by_name(tmp_path, name):
    result = recommended(tmp_path, [*asked(query=name, ips=[OUTSIDE], ttl=30), *called()])
    assert "toFQDNs" not in texts(result)


def test_quirk_40_names_that_do_not_exist_are_noise(tmp_path):
    nothing = asked(query="api.example.com.shop.svc.cluster.local.", rcode=3)
    observation = observed(tmp_path, [*nothing, *called()])
    assert not [key for key in keys(observation) if "fqdn" in key]


def test_quirk_41_dns_is_allowed_over_udp_and_tcp(tmp_path):
    text = texts(recommended(tmp_path, [*asked(query="api.example.com.", ips=[OUTSIDE], ttl=30), *called()]))
    web = next(part for part in text.split("\n---\n") if "toFQDNs" in part)
    lines = [line.strip() for line in web.splitlines()]
    ports = {(line, lines[n + 1]) for n, line in enumerate(lines) if line.endswith('port: "53"')}
    assert ports == {('- port: "53"', "protocol: TCP"), ('- port: "53"', "protocol: UDP")}


@pytest.mark.parametrize(
    "peer", [entity("host", identity=1), WORLD, {"identity": 16777300, "labels": ["cidr:0.0.0.0/0"]}]
)
def test_quirk_42_node_local_dns_is_dns_whatever_it_is_called(tmp_path, peer):
    query = record(WEB, f"{WEB_IP}:39000", peer, "169.254.20.10:53", protocol="UDP", is_reply=False)
    result = recommended(tmp_path, [query, reply(query), *called()])
    assert "NPR303" not in codes(result)
    assert "- world" not in texts(result)


def test_quirk_42_node_local_dns_that_is_the_host_elsewhere_does_not_open_the_world(tmp_path):
    """Bound after the agent started, the address reads as the world on one node and as the host on another."""
    queries = [
        record(WEB, f"{WEB_IP}:{39000 + n}", peer, "169.254.20.10:53", protocol="UDP", is_reply=False, node=f"node-{n}")
        for n, peer in enumerate((entity("host", identity=1), WORLD))
    ]
    result = recommended(tmp_path, [item for query in queries for item in (query, reply(query))])
    assert sorted(outside(result)) == ["entity:host UDP/53", "ip:169.254.20.10 UDP/53"]
    assert "- world" not in texts(result)


def test_quirk_42_a_local_redirect_leads_to_the_dns_pod_on_the_node(tmp_path):
    local = pod("node-local-dns", namespace="kube-system", local=True, labels=["k8s:k8s-app=node-local-dns"])
    query = record(WEB, f"{WEB_IP}:39000", local, "10.244.0.99:53", protocol="UDP", is_reply=False)
    result = recommended(tmp_path, [query, reply(query), *called()])
    assert "NPR303" not in codes(result)
    assert "node-local-dns" in texts(result)


def test_quirk_42_dns_pods_may_listen_on_5353(tmp_path):
    openshift = pod("dns-default", namespace="openshift-dns", local=True)
    query = record(WEB, f"{WEB_IP}:39000", openshift, "10.244.0.98:5353", protocol="UDP", is_reply=False)
    text = texts(recommended(tmp_path, [query, reply(query), *called()]))
    assert '"5353"' in text
    assert "protocol: TCP" in text.split('"5353"')[1][:40] + text.split('"5353"')[2][:40]


def test_quirk_43_the_metadata_service_is_never_simply_needed(tmp_path):
    result = recommended(tmp_path, [*called(address="169.254.169.254", number=80), *called(port=40001, at=20)])
    decided = {item.edge.key.split(" -> ")[1]: item.decided for item in result.edges}
    assert decided["ip:169.254.169.254 TCP/80"].disposition in {Disposition.REVIEW, Disposition.QUARANTINED}
    assert "etadata" in decided["ip:169.254.169.254 TCP/80"].reason


@pytest.mark.parametrize(
    ("source", "destination"),
    [
        (f"{WEB_IP}:5353", "224.0.0.251:5353"),
        (f"{WEB_IP}:40000", "255.255.255.255:9999"),
        ("fe80::1:40000", "fe80::2:9999"),
        (f"{WEB_IP}:40000", "ff02::1:9999"),
        ("0.0.0.0:68", "255.255.255.255:67"),
        (f"{WEB_IP}:68", f"{NODE_A}:67"),
        (f"{WEB_IP}:40000", "0.0.0.0:9999"),
    ],
)
def test_quirk_43_addresses_that_nobody_owns_are_a_class_of_their_own(tmp_path, source, destination):
    chatter = record(WEB, source, WORLD, destination, protocol="UDP", is_reply=False)
    assert classes(observed(tmp_path, [chatter])) == {FlowClass.MULTICAST: 1}
