from __future__ import annotations

import gzip
import ipaddress
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.simulator import describe_demo, simulate
from tests.simulator_tests.flow_reading import Edge, Reader, flows_of

DEMO = Path(__file__).parents[2] / "data" / "demo"
LIMIT = 2_000_000


@pytest.fixture(scope="module")
def committed():
    """File name to decompressed text of the committed capture."""
    return {path.name: gzip.decompress(path.read_bytes()).decode() for path in sorted(DEMO.glob("*.log.gz"))}


@pytest.fixture(scope="module")
def flows(committed):
    return [flow for text in committed.values() for flow in flows_of(text.splitlines())]


@pytest.fixture(scope="module")
def truth():
    return json.loads((DEMO / "truth.json").read_text(encoding="utf-8"))


def test_making_it_again_gives_the_same_content(committed, truth, tmp_path: Path):
    simulation = simulate(describe_demo(), days=truth["days"], seed=truth["seed"])
    paths = simulation.write(tmp_path)
    assert {f"{path.name}.gz": path.read_text(encoding="utf-8") for path in paths} == committed
    assert simulation.truth == truth
    assert simulation.inventory() == json.loads((DEMO / "inventory.json").read_text(encoding="utf-8"))


def test_it_is_small_and_spread_over_nodes():
    assert sum(path.stat().st_size for path in DEMO.iterdir()) <= LIMIT
    assert len(list(DEMO.glob("*.log.gz"))) >= 4


def test_it_describes_a_cluster_worth_showing(truth):
    assert truth["days"] >= 2
    assert len(truth["workloads"]) >= 25
    assert len({row["namespace"] for row in truth["workloads"]}) >= 6
    classes = {row["class"] for row in truth["conversations"] if row["seen"]}
    assert classes == {
        "workload", "dns", "apiserver", "scrape", "external-name", "external-address", "world-ingress", "icmp",
        "implicit-probe", "node",
    }  # fmt: skip
    assert {row["kind"] for row in truth["noise"]} == {
        "scan", "debug-pod", "explicit-deny", "dead-service", "misread-reply", "multicast",
    }  # fmt: skip
    assert [row for row in truth["conversations"] if not row["seen"]]


def test_each_frequent_need_is_seen_on_each_day(flows, truth):
    reader = Reader(truth)
    days: dict[Edge, set[str]] = {}
    for flow in flows:
        if (edge := reader.first_packet(flow)) is not None:
            days.setdefault(edge, set()).add(flow["time"][:10])
    frequent = [
        (row["client"], row["server"], row["protocol"], row["port"])
        for row in truth["conversations"]
        if row["connections"] >= 20
    ]
    assert len(frequent) >= 80
    once = {
        ("payments/Deployment/fraud", "data/StatefulSet/postgres", "TCP", 5432),  # older than the window
        ("shop/Deployment/web", "data/StatefulSet/kafka", "TCP", 9092),  # comes with the release of the second day
    }
    assert [key for key in frequent if key not in once and len(days[key]) < 3] == []


def _count(flows, test) -> int:
    return sum(1 for flow in flows if test(flow))


@pytest.mark.parametrize(
    ("quirk", "test"),
    [
        ("1 replies swap the ends", lambda f: f.get("is_reply") is True),
        ("2 is_reply absent on drops", lambda f: f["verdict"] == "DROPPED" and "is_reply" not in f),
        (
            "3 TO_ENDPOINT says EGRESS at the server",
            lambda f: f.get("trace_observation_point") == "TO_ENDPOINT"
            and f["is_reply"] is False
            and f["traffic_direction"] == "EGRESS"
            and "ID" in f["destination"],
        ),
        (
            "4 a reply taken for a new connection",
            lambda f: f["verdict"] == "AUDIT" and f.get("l4", {}).get("TCP", {}).get("flags", {}).get("ACK"),
        ),
        ("7 echo reply is an empty message", lambda f: f.get("l4") == {"ICMPv4": {}}),
        ("16 audit", lambda f: f["verdict"] == "AUDIT" and f["event_type"]["type"] == 5),
        ("17 allowed by a policy", lambda f: "ingress_allowed_by" in f and f["policy_match_type"] == 2),
        ("18 explicitly denied", lambda f: f["verdict"] == "AUDIT" and "egress_denied_by" in f),
        ("19 older than the window", lambda f: f.get("trace_reason") == "ESTABLISHED"),
        ("23 a deny reported twice", lambda f: f["event_type"] == {"type": 1, "sub_type": 181}),
        ("24 remote end without workload", lambda f: "pod_name" in f["source"] and "workloads" not in f["source"]),
        ("26 volatile label", lambda f: any("k8s:job-name=" in label for label in f["source"].get("labels", ()))),
        ("27 generated label", lambda f: any(label.startswith("gen:") for label in f["destination"].get("labels", ()))),
        ("30 pod without metadata", lambda f: "namespace" in f["source"] and "pod_name" not in f["source"]),
        (
            "32 host and API server",
            lambda f: f["destination"].get("labels") == ["reserved:host", "reserved:kube-apiserver"],
        ),
        ("33 host process as client", lambda f: f["source"].get("labels") == ["reserved:remote-node"]),
        ("34 probe", lambda f: f["source"].get("labels") == ["reserved:host"] and "ID" in f["destination"]),
        ("35 health", lambda f: f["destination"].get("identity") == 4),
        ("38 CIDR identity", lambda f: f["destination"].get("identity", 0) > 1 << 24),
        ("39 names", lambda f: f.get("destination_names") == ["api.payments.example.com"]),
        ("40 search path", lambda f: f.get("l7", {}).get("dns", {}).get("rcode") == 3),
        ("40 redirected to the DNS proxy", lambda f: f["verdict"] == "REDIRECTED"),
        ("43 multicast", lambda f: f.get("IP", {}).get("destination") == "224.0.0.251"),
        ("44 socket before translation", lambda f: f["verdict"] == "TRACED" and "destination_service" in f),
        ("44 socket after translation", lambda f: f["verdict"] == "TRANSLATED"),
        (
            "48 translated client",
            lambda f: f["source"].get("identity") == 2 and f["IP"]["source"].startswith("10.244."),
        ),
        ("48 kept client", lambda f: f["source"].get("identity") == 2 and not f["IP"]["source"].startswith("10.")),
        ("51 underlay", lambda f: f.get("l4", {}).get("UDP", {}).get("destination_port") == 8472),
        ("54 no IP", lambda f: "IP" not in f),
        ("56 neighbour discovery", lambda f: "ICMPv6" in f.get("l4", {})),
        ("8 gRPC port", lambda f: f.get("l4", {}).get("TCP", {}).get("destination_port") == 50051),
        ("6 one-way datagrams", lambda f: f.get("l4", {}).get("UDP", {}).get("destination_port") == 8125),
        ("12 datapath drop", lambda f: f.get("drop_reason_desc") == "STALE_OR_UNROUTABLE_IP"),
        ("unlabelled workload", lambda f: f["source"].get("pod_name", "").startswith("ledger-")
         and not any(label.startswith(("k8s:app", "k8s:k8s-app")) for label in f["source"]["labels"])),
    ],
)  # fmt: skip
def test_the_quirk_occurs(flows, quirk, test):
    assert _count(flows, test) > 0, quirk


def test_other_records_occur(committed):
    kinds: Counter[str] = Counter()
    for text in committed.values():
        for line in text.splitlines():
            try:
                kinds[next(iter(json.loads(line)))] += 1
            except ValueError:
                kinds["malformed"] += 1
    assert kinds["lost_events"] > 5
    assert kinds["agent_event"] == 1
    assert kinds["node_status"] == 2
    assert 0 < kinds["malformed"] < 20


def test_one_agent_was_silent_while_it_restarted(committed):
    last = committed["events-worker4.log.gz"]
    others = "".join(text for name, text in committed.items() if "worker4" not in name)
    assert '"time":"2026-03-12T07:13:' not in last
    assert '"time":"2026-03-12T07:1' in others


def test_some_workloads_have_no_verdicts(flows, truth):
    verdicts = [flow for flow in flows if flow["event_type"]["type"] == 5 and flow["traffic_direction"] == "EGRESS"]
    judged = {flow["source"].get("pod_name") for flow in verdicts}
    silent = [row for row in truth["workloads"] if row["pods"] and not row["audited"]]
    assert silent
    assert not judged & {pod for row in silent for pod in row["pods"]}


def test_addresses_come_from_documentation_and_cluster_ranges(flows):
    allowed = [
        ipaddress.ip_network(text)
        for text in (
            "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "10.244.0.0/16", "10.96.0.0/16", "172.18.0.0/24",
            "224.0.0.0/24", "fe80::/10", "ff02::/16",
        )
    ]  # fmt: skip
    addresses = {flow["IP"][side] for flow in flows if "IP" in flow for side in ("source", "destination")}
    for address in addresses:
        assert any(ipaddress.ip_address(address) in network for network in allowed), address


def test_pods_do_not_share_an_address(flows):
    owners: dict[str, set[str]] = {}
    for flow in flows:
        if "pod_name" in flow["source"] and "IP" in flow and flow["IP"]["ipVersion"] == "IPv4":
            owners.setdefault(flow["IP"]["source"], set()).add(flow["source"]["pod_name"])
    lasting = {address: names for address, names in owners.items() if int(address.split(".")[3]) <= 180}
    assert {address: names for address, names in lasting.items() if len(names) > 1} == {}
