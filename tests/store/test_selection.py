"""Every selection flag against one small dataset; expected flows are named, so a wrong predicate shows which."""

from __future__ import annotations

import duckdb
import pytest

from recommender.errors import UsageError
from recommender.model.selection import Condition, Selection
from recommender.store import check_selection, open_dataset, write_flows
from recommender.store.selection import FLAGS
from tests.store.rows import EVERYTHING, SECOND, START, batch, endpoint, event, flow, label_set, only, without

ENDPOINTS = [
    endpoint(1, namespace="shop", pod="web-1", workload_kind="Deployment", workload_name="web", label_set_id=11,
             identity=2001, cluster="prod-eu"),
    endpoint(2, namespace="shop", pod="web-1", local=False, label_set_id=11, identity=2001, cluster="prod-eu"),
    endpoint(3, namespace="db", pod="pg-0", workload_kind="StatefulSet", workload_name="pg", label_set_id=12,
             identity=2002),
    endpoint(4, identity=2, label_set_id=13),
    endpoint(5, namespace="default", pod="web-9", workload_kind="Deployment", workload_name="web-old", identity=2003),
    endpoint(6, identity=1, label_set_id=14),
]  # fmt: skip
LABEL_SETS = [
    label_set(11, "k8s:app=web", "k8s:io.kubernetes.pod.namespace=shop"),
    label_set(12, "k8s:app=pg", "k8s:tier="),
    label_set(13, "reserved:world"),
    label_set(14, "reserved:host"),
]
FLOWS = {
    "web-pg": flow(0, source_endpoint=1, destination_endpoint=3, source_ip="10.244.1.7", destination_ip="10.244.2.9",
                   source_port=40000, destination_port=5432, protocol="TCP", tcp_flags=2, event_type=5,
                   event_sub_type=0, verdict="AUDIT", traffic_direction="EGRESS", cluster="prod-eu"),
    "pg-web": flow(1, source_endpoint=3, destination_endpoint=2, source_ip="10.244.2.9", destination_ip="10.244.1.7",
                   source_port=5432, destination_port=40000, protocol="TCP", tcp_flags=18, event_type=4,
                   event_sub_type=0, verdict="FORWARDED", traffic_direction="INGRESS", node="node-b.example.com"),
    "web-world": flow(2, source_endpoint=1, destination_endpoint=4, source_ip="2001:db8:1::7",
                      destination_ip="2001:db8:ffff::1", destination_port=443, protocol="UDP", event_type=4,
                      event_sub_type=4, destination_names=["api.example.com"]),
    "host-old": flow(3, source_endpoint=6, destination_endpoint=5, source_ip="192.0.2.1", destination_ip="10.244.9.9",
                     destination_port=80, protocol="TCP", event_type=1, event_sub_type=133, verdict="DROPPED",
                     drop_reason="POLICY_DENIED"),
    "dns": flow(4, source_endpoint=5, destination_endpoint=4, source_ip="10.244.9.9", destination_ip="198.51.100.53",
                destination_port=53, protocol="UDP", event_type=129, l7_type="REQUEST", l7_protocol="dns"),
    "http": flow(5, source_endpoint=5, destination_endpoint=3, source_ip="10.244.9.9", destination_ip="10.96.0.20",
                 destination_port=8080, protocol="TCP", event_type=129, l7_protocol="http", http_method="GET",
                 http_path="/page/7", http_code=404, source_ip_translated="192.0.2.77",
                 destination_service="db/pg-http"),
    "ping": flow(6, protocol="ICMPv4", source_ip="10.244.1.7", destination_ip="10.244.2.9", node=None),
    "arp": flow(7, source_service="db/pg-http"),
}  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    path = tmp_path_factory.mktemp("selection") / "flows.parquet"
    flows = batch(FLOWS.values(), endpoints=ENDPOINTS, label_sets=LABEL_SETS, events=[event(1)])
    write_flows([flows], path, selection=EVERYTHING)
    return open_dataset(path)


@pytest.fixture
def selected(dataset):
    names = {row["uuid"]: name for name, row in FLOWS.items()}

    def select(selection):
        with duckdb.connect() as connection:
            dataset.register(connection, selection)
            return {names[uuid] for (uuid,) in connection.execute("SELECT uuid FROM flows").fetchall()}

    return select


CASES = [
    ("namespace", ["shop"], "web-pg pg-web web-world"),
    ("namespace", ["db"], "web-pg pg-web http arp"),
    ("from-namespace", ["shop", "default"], "web-pg web-world dns http"),
    ("to-namespace", ["shop"], "pg-web"),
    ("pod", ["shop/web-"], "web-pg pg-web web-world"),
    ("pod", ["web"], "host-old dns http"),
    ("pod", ["db/"], "web-pg pg-web http"),
    ("pod", ["shop/eb"], ""),
    ("from-pod", ["db/pg"], "pg-web"),
    ("to-pod", ["db/pg", "shop/web-1"], "web-pg pg-web http"),
    ("label", ["app=web"], "web-pg pg-web web-world"),
    ("label", ["k8s:app=web,k8s:io.kubernetes.pod.namespace=shop"], "web-pg pg-web web-world"),
    ("label", ["app=web,tier"], ""),
    ("label", ["app"], "web-pg pg-web web-world http"),
    ("label", ["tier="], "web-pg pg-web http"),
    ("label", ["any:app==pg"], "web-pg pg-web http"),
    ("from-label", ["reserved:host"], "host-old"),
    ("to-label", ["reserved:world"], "web-world dns"),
    ("label", ["world"], "web-world dns"),
    ("label", ["k8s:world"], ""),
    ("workload", ["web"], "web-pg pg-web web-world"),
    ("to-workload", ["shop/web"], "pg-web"),
    ("workload", ["db/web"], ""),
    ("from-workload", ["web*"], "web-pg web-world dns http"),
    ("workload", ["StatefulSet/pg", "Deployment/pg"], "web-pg pg-web http"),
    ("from-workload", ["Deployment/"], "web-pg web-world dns http"),
    ("service", ["db/pg"], "http arp"),
    ("to-service", ["db/"], "http"),
    ("from-service", ["db/pg-h"], "arp"),
    ("from-cluster", ["prod-eu", "x"], "web-pg web-world"),
    ("to-service", ["pg"], ""),
    ("ip", ["10.244.1.7"], "web-pg pg-web ping"),
    ("from-ip", ["10.244.0.0/22"], "web-pg pg-web ping"),
    ("to-ip", ["198.51.100.0/24", "10.96.0.0/12"], "dns http"),
    ("ip", ["2001:db8::/32"], "web-world"),
    ("to-ip", ["2001:db8:fff0::/44", "2001:DB8:0:0::1"], "web-world"),
    ("ip", ["::/0"], "web-world"),
    ("ip", ["0.0.0.0/0"], "web-pg pg-web host-old dns http ping"),
    ("fqdn", ["*.example.com"], "web-world"),
    ("to-fqdn", ["API.example.com."], "web-world"),
    ("from-fqdn", ["*"], ""),
    ("fqdn", ["example.com"], ""),
    ("identity", ["world"], "web-world dns"),
    ("from-identity", ["1", "2001"], "web-pg web-world host-old"),
    ("to-identity", ["reserved:host"], ""),
    ("port", ["5432"], "web-pg pg-web"),
    ("to-port", ["5432", "53"], "web-pg dns"),
    ("from-port", ["40000"], "web-pg"),
    ("cluster", ["prod-*"], "web-pg pg-web web-world"),
    ("to-cluster", ["prod-eu"], "pg-web"),
    ("protocol", ["udp"], "web-world dns"),
    ("protocol", ["ICMP", "http"], "ping http"),
    ("verdict", ["AUDIT", "dropped"], "web-pg host-old"),
    ("type", ["policy-verdict"], "web-pg"),
    ("type", ["trace:to-overlay", "1:133"], "web-world host-old"),
    ("type", ["l7"], "dns http"),
    ("type", ["trace:to-endpoint"], "pg-web"),
    ("drop-reason-desc", ["policy_denied"], "host-old"),
    ("drop-reason-desc", ["206"], ""),
    ("traffic-direction", ["ingress"], "pg-web"),
    ("tcp-flags", ["syn"], "web-pg pg-web"),
    ("tcp-flags", ["SYN,ACK"], "pg-web"),
    ("http-method", ["get"], "http"),
    ("http-path", ["^/page/[0-9]+$", "'"], "http"),
    ("http-path", ["/items"], ""),
    ("http-status", ["4+"], "http"),
    ("http-status", ["40+", "200"], "http"),
    ("http-status", ["403"], ""),
    ("snat-ip", ["192.0.2.0/24"], "http"),
    ("snat-ip", ["192.0.2.78"], ""),
    ("node-name", ["node-b*"], "pg-web"),
    ("node-name", ["prod-*/node-a"], "web-pg"),
    ("node-name", ["default/"], "pg-web web-world host-old dns http arp"),
    ("ip-version", ["6"], "web-world"),
    ("ip-version", ["none"], "arp"),
    ("uuid", ["uuid-4", "'; DROP TABLE flows; --"], "dns"),
]


@pytest.mark.parametrize(("flag", "values", "expected"), CASES)
def test_a_flag_selects_and_with_not_leaves_out_the_same_flows(selected, flag, values, expected):
    wanted = set(expected.split())
    assert selected(only(flag, *values)) == wanted
    assert selected(without(flag, *values)) == set(FLOWS) - wanted


def test_every_flag_has_a_case():
    assert {flag for flag, _, _ in CASES} == set(FLAGS)


@pytest.mark.parametrize(
    ("wanted", "unwanted", "expected"),
    [
        ([("protocol", "tcp"), ("from-namespace", "shop")], [], "web-pg"),
        ([("from-pod", "shop/web"), ("to-pod", "db/pg")], [], "web-pg"),
        # Flags about either end must hold at the same end.
        ([("namespace", "shop"), ("port", "5432")], [], ""),
        ([("namespace", "db"), ("port", "5432")], [], "web-pg pg-web"),
        # A bare pod or service name takes the namespace of --namespace, else `default`.
        ([("namespace", "shop"), ("pod", "web")], [], "web-pg pg-web web-world"),
        ([("to-namespace", "db"), ("to-service", "pg")], [], "http"),
        ([("namespace", "shop"), ("from-pod", "web")], [], "web-pg web-world"),
        # Different exclusions leave out what meets all of them, at one end where they concern either.
        ([], [("protocol", "tcp"), ("from-namespace", "shop")], "pg-web web-world host-old dns http ping arp"),
        ([], [("namespace", "db"), ("port", "5432")], "web-world host-old dns http ping arp"),
        ([], [("namespace", "shop"), ("port", "5432")], " ".join(FLOWS)),
        ([], [("namespace", "shop"), ("pod", "web")], "host-old dns http ping arp"),
        ([("protocol", "udp")], [("to-port", "53")], "web-world"),
    ],
)
def test_flags_together(selected, wanted, unwanted, expected):
    selection = Selection(
        wanted=tuple(Condition(flag=flag, values=tuple(values)) for flag, *values in wanted),
        unwanted=tuple(Condition(flag=flag, values=tuple(values)) for flag, *values in unwanted),
    )
    assert selected(selection) == set(expected.split())


ORDER = ["web-pg", "pg-web", "web-world", "host-old", "dns", "http", "ping", "arp"]


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("", "", 0, 7),
        ("2s", "", 5, 7),
        ("", "1s", 0, 6),
        ("5s", "3000ms", 2, 4),
        ("0.5m", "0s", 0, 7),
        ("2026-09-21T14:13:23Z", "", 3, 7),
        ("2026-09-21T16:13:23.000000001+02:00", "2026-09-21 14:13:25", 4, 5),
        ("2026-09-21", "2026-09-22", 0, 7),
    ],
)
def test_time_ranges(selected, since, until, first, last):
    assert START == 1_790_000_000 * SECOND  # 2026-09-21T14:13:20Z
    assert selected(Selection(since=since, until=until)) == set(ORDER[first : last + 1])


@pytest.mark.parametrize(
    ("flag", "value", "hint"),
    [
        ("verdict", "FORWARD", "did you mean 'FORWARDED'"),
        ("verdict", "yes", "one of AUDIT, DROPPED"),
        ("type", "policyverdict", "did you mean 'policy-verdict'"),
        ("type", "trace:to-endpiont", "did you mean 'to-endpoint'"),
        ("type", "drop:to-endpoint", "to-endpoint"),
        ("protocol", "tpc", "did you mean 'tcp'"),
        ("identity", "wrold", "did you mean 'world'"),
        ("identity", "4294967296", "unknown"),
        ("traffic-direction", "in", "INGRESS"),
        ("tcp-flags", "SYN,AKC", "did you mean 'ACK'"),
        ("drop-reason-desc", "POLICY_DENIE", "did you mean 'POLICY_DENIED'"),
        ("http-method", "GETS", "did you mean 'GET'"),
        ("http-status", "4", "not a status"),
        ("http-status", "600", "not a status"),
        ("http-path", "(", "not a regular expression"),
        ("snat-ip", "web", "neither an address nor a CIDR range"),
        ("ip-version", "5", "v4"),
        ("port", "http", "not a port"),
        ("port", "65536", "not a port"),
        ("ip", "10.244.0.0/33", "neither an address nor a CIDR range"),
        ("from-ip", "web", "neither an address nor a CIDR range"),
        ("label", "app in (web)", "cannot read"),
        ("label", "!app", "--not"),
        ("to-label", "app=web,", "cannot read"),
        ("fqdn", "a b", "not a name"),
        ("node-name", "a/b/c", "cannot read"),
        ("pod", "a/b/c", "cannot read"),
        ("pod", "/web", "cannot read"),
        ("workload", "a/b/c", "cannot read"),
        ("colour", "red", "no such filter"),
    ],
)
def test_unknown_values_are_refused_with_advice(flag, value, hint):
    with pytest.raises(UsageError, match=hint) as refusal:
        check_selection(only(flag, value))
    assert str(refusal.value).startswith("--")


@pytest.mark.parametrize("text", ["yesterday", "7", "2026-13-01", "2026-09-21T25:00:00Z", "1y", "-1h"])
def test_times_that_cannot_be_read_are_refused(text):
    with pytest.raises(UsageError, match="--since: cannot read the time"):
        check_selection(Selection(since=text))


def test_an_empty_time_range_is_refused():
    with pytest.raises(UsageError, match="nothing lies between"):
        check_selection(Selection(since="1h", until="2h"))
