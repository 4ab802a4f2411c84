"""Incidents and mistakes that others went through (docs/findings, NPR8xx), from Hubble's lines to the finding."""

from __future__ import annotations

import json

import pytest
import yaml

from recommender import Settings, recommend
from recommender.model.gap import Severity
from recommender.model.manifest import Dialect
from recommender.settings import resolve_settings
from tests.quirks.raw import DB_IP, DNS_IP, OUTSIDE, WEB_IP, entity, pod, record, reply, write

HOUR = 3600
WEB = pod("web", local=True)
DNS = pod("coredns", namespace="kube-system", labels=["k8s:k8s-app=kube-dns"])
PROMETHEUS = pod("prometheus", namespace="monitoring", local=True)
WORLD = entity("world", identity=2)
PROMETHEUS_IP = "10.244.3.7"


def connections(client, client_ip, server, server_address, *, hours, protocol="TCP"):
    """An audited, answered connection in each of these hours."""
    lines = []
    for hour in hours:
        ends = client, f"{client_ip}:{30000 + hour}", server, server_address
        flags = ("SYN",) if protocol == "TCP" else ()
        first = record(
            *ends, *flags, protocol=protocol, at=hour * HOUR, is_reply=False, verdict="AUDIT",
            event_type={"type": 5}, traffic_direction="EGRESS",
        )  # fmt: skip
        answer = ("SYN", "ACK") if flags else ()
        lines += [first, reply(first, *answer, at=hour * HOUR + 0.001)]
    return lines


def answer(name, *addresses, hour=0, client=WEB):
    """The DNS proxy's record of an answer."""
    told = {"query": f"{name}.", "ips": list(addresses), "ttl": 30, "qtypes": ["A"]}
    return record(
        DNS, f"{DNS_IP}:53", client, f"{WEB_IP}:41000", protocol="UDP", at=hour * HOUR, is_reply=True, Type="L7",
        event_type={"type": 129}, traffic_direction="EGRESS", l7={"type": "RESPONSE", "dns": told},
    )  # fmt: skip


def found(result, code):
    return [gap for gap in result.gaps if gap.code == code]


def run(directory, lines, settings=None, **inventory):
    paths = ()
    if inventory:
        paths = directory / "inventory.json"
        paths.write_text(json.dumps({"kind": "List", "items": inventory["items"]}), encoding="utf-8")
    result = recommend(write(directory, lines), settings or Settings(), inventory=paths)
    assert result.proof.holds
    return result


def dns_ports(result, peer):
    """Ports 53 that the manifests open towards a peer, as (protocol, port)."""
    ports = set()
    for manifest in result.manifests:
        for document in yaml.safe_load_all(manifest.text):
            for rule in document["spec"].get("egress", ()):
                if peer in json.dumps(rule):
                    ports |= {(port["protocol"], port["port"]) for part in rule["toPorts"] for port in part["ports"]}
    return {(protocol, str(port)) for protocol, port in ports if str(port) == "53"}


QUERIES = connections(WEB, WEB_IP, DNS, f"{DNS_IP}:53", hours=range(30), protocol="UDP")
OWN = connections(WEB, WEB_IP, pod("db"), f"{DB_IP}:5432", hours=range(30))


class TestTheInvisibleDnsFailure:
    def test_dns_over_udp_only_becomes_a_rule_for_both(self, tmp_path):
        result = run(tmp_path, [*QUERIES, *OWN])
        assert dns_ports(result, "kube-system") == {("UDP", "53"), ("TCP", "53")}
        assert [gap.subject for gap in found(result, "NPR112") if "UDP only" in gap.reason] == ["DNS over TCP"]
        assert found(result, "NPR801") == []

    @pytest.mark.parametrize("as_host", [True, False])
    def test_node_local_dns_gets_both_too(self, tmp_path, as_host):
        listening = entity("host", identity=1) if as_host else WORLD
        local = connections(WEB, WEB_IP, listening, "169.254.20.10:53", hours=range(30), protocol="UDP")
        result = run(tmp_path, [*local, *OWN])
        assert dns_ports(result, "host" if as_host else "169.254.20.10") == {("UDP", "53"), ("TCP", "53")}
        assert found(result, "NPR801") == []

    def test_dns_that_is_missing_is_severe(self, tmp_path):
        result = run(tmp_path, OWN)
        assert {gap.code for gap in result.gaps if gap.severity is Severity.HIGH} >= {"NPR112", "NPR303"}

    def test_another_name_server_over_udp_only_is_named(self, tmp_path):
        outside = connections(WEB, WEB_IP, WORLD, f"{OUTSIDE}:53", hours=range(30), protocol="UDP")
        (gap,) = found(run(tmp_path, [*QUERIES, *OWN, *outside]), "NPR801")
        assert (gap.severity, gap.examples) == (Severity.HIGH, (f"shop/web to {OUTSIDE}/32 UDP/53",))


class TestMetricsAfterAMove:
    def lines(self, *, scraped_after):
        old, new = pod("api", namespace="legacy", local=True), pod("api", namespace="payments", local=True)
        before, after = range(60), range(61, 120)
        lines = connections(WEB, WEB_IP, old, f"{DB_IP}:8080", hours=before)
        lines += connections(WEB, WEB_IP, new, "10.244.1.9:8080", hours=after)
        lines += connections(PROMETHEUS, PROMETHEUS_IP, old, f"{DB_IP}:9090", hours=before)
        if scraped_after:
            lines += connections(PROMETHEUS, PROMETHEUS_IP, new, "10.244.1.9:9090", hours=after)
        return lines

    def test_a_scrape_that_did_not_come_along_is_severe(self, tmp_path):
        (gap,) = found(run(tmp_path, self.lines(scraped_after=False)), "NPR802")
        assert gap.severity is Severity.HIGH
        assert gap.facts == ("monitoring/Deployment/prometheus -> payments/Deployment/api TCP/9090",)

    def test_one_that_did_gets_its_ingress_from_the_collector_s_namespace(self, tmp_path):
        result = run(tmp_path, self.lines(scraped_after=True), Settings(dialect=Dialect.KUBERNETES))
        assert [gap.severity for gap in found(result, "NPR802")] == [Severity.LOW]
        (manifest,) = [item for item in result.manifests if item.path.startswith("policies/payments/api")]
        (scrape,) = [
            rule for rule in yaml.safe_load(manifest.text)["spec"]["ingress"] if rule["ports"][0]["port"] == 9090
        ]
        assert scrape["from"][0]["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}

    def test_a_monitor_of_the_inventory_whose_target_nobody_asked(self, tmp_path):
        items = [
            {
                "kind": "Pod",
                "metadata": {"name": "api-7d4b9c6f5d-x2x4z", "namespace": "payments", "labels": {"app": "api"}},
            },
            {
                "kind": "PodMonitor",
                "metadata": {"name": "api", "namespace": "payments"},
                "spec": {"selector": {"matchLabels": {"app": "api"}}, "podMetricsEndpoints": [{"portNumber": 9090}]},
            },
        ]
        (gap,) = found(run(tmp_path, self.lines(scraped_after=False), items=items), "NPR607")
        assert gap.facts == ("PodMonitor/payments/api port 9090",)
        assert found(run(tmp_path, self.lines(scraped_after=True), items=items), "NPR607") == []


class TestOutsideCalls:
    def lines(self):
        return [*QUERIES, *(answer("api.payments.example.com", OUTSIDE, hour=hour) for hour in range(30))]

    def test_a_provider_that_was_called_is_allowed_by_its_name(self, tmp_path):
        calls = connections(WEB, WEB_IP, WORLD, f"{OUTSIDE}:443", hours=range(1, 30))
        result = run(tmp_path, [*self.lines(), *calls])
        assert any("matchName: api.payments.example.com" in manifest.text for manifest in result.manifests)
        assert found(result, "NPR803") == []
        assert "shop/web" not in str([gap.facts for gap in found(result, "NPR808")])

    def test_one_that_was_looked_up_only_is_named(self, tmp_path):
        result = run(tmp_path, self.lines())
        (gap,) = found(result, "NPR803")
        assert (gap.subject, gap.examples) == ("shop/Deployment/web", ("api.payments.example.com",))
        assert ("shop/web",) in [gap.facts[-1:] for gap in found(result, "NPR808")]


class TestMistakes:
    @pytest.mark.parametrize(
        ("cni", "severities"), [("flannel", [Severity.HIGH]), ("cilium", []), ("weave@2.8.1", [Severity.HIGH])]
    )
    def test_a_plugin_that_ignores_policies(self, tmp_path, cni, severities):
        result = run(tmp_path, [*QUERIES, *OWN], resolve_settings(flags={"cni": cni}))
        assert [gap.severity for gap in found(result, "NPR804")] == severities

    def test_no_staging(self, tmp_path):
        (gap,) = found(run(tmp_path, [*QUERIES, *OWN]), "NPR805")
        assert gap.severity is Severity.LOW

    def test_the_order(self, tmp_path):
        items = [{"kind": "Namespace", "metadata": {"name": "kube-system"}}]
        others = [pod(f"worker{number}", local=True) for number in range(3)]
        lines = [
            line
            for number, other in enumerate(others)
            for line in connections(
                other, f"10.244.0.{10 + number}", DNS, f"{DNS_IP}:53", hours=range(30), protocol="UDP"
            )
        ]
        namespaces, shared = found(run(tmp_path, [*QUERIES, *OWN, *lines], items=items), "NPR806")
        assert (namespaces.severity, namespaces.facts) == (Severity.HIGH, ("shop",))
        assert shared.examples == ("policies/_cluster/baseline-dns.yaml",)

    def test_the_way_back(self, tmp_path):
        (gap,) = found(run(tmp_path, [*QUERIES, *OWN]), "NPR807")
        assert (gap.severity, "before.yaml" in gap.action) == (Severity.MEDIUM, True)
