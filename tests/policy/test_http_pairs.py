from dataclasses import replace

import pytest

from recommender.model.capture import Capture
from recommender.model.entity import Entity
from recommender.model.gap import Severity
from recommender.model.http_request import HttpCut
from recommender.model.inventory import Inventory
from recommender.model.layer7 import Layer7
from recommender.model.policy import Baseline, Direction, GroupPeer
from recommender.policy import http_gaps, make_policies
from tests.policy.http_scene import API, WEB, asking, kind, orders, turned_away
from tests.policy.scene import CAPTURE, NEEDED, PROMETHEUS, address, by_name, edge, end, entity, group, workload

GROUPS = (group(WEB), group(API))
PLENTY = (orders("GET", 1, 2, 3, each=4), kind("POST", "/orders", each=5))


def made(edges, *, groups=GROUPS, layer7=Layer7.HTTP, capture=CAPTURE, workloads=None):
    known = [workload(member) for one in groups for member in one.members] if workloads is None else workloads
    return make_policies(
        groups,
        edges,
        {one.edge_id: NEEDED for one in edges},
        workloads=known,
        capture=capture,
        inventory=Inventory(),
        layer7=layer7,
    )


def only_pair(edges, **context):
    (pair,) = made(edges, **context).http_pairs
    return pair


def http_rules(policy_set, name, direction=Direction.INGRESS):
    return [rule for rule in by_name(policy_set)[name].rules_for(direction) if rule.http]


def test_the_servers_ingress_is_narrowed_and_the_clients_egress_is_not():
    found = made([asking(*PLENTY)])
    (rule,) = http_rules(found, "shop/api")
    assert [one.text for one in rule.http] == ["POST /orders", "GET /orders/{integer}"]
    assert isinstance(rule.peer, GroupPeer)
    assert not http_rules(found, "shop/web", Direction.EGRESS)
    assert only_pair([asking(*PLENTY)]).written


def test_without_the_flag_nothing_changes_but_the_pair_is_told():
    edges = [asking(*PLENTY)]
    found = made(edges, layer7=Layer7.NONE)
    assert not http_rules(found, "shop/api")
    (pair,) = found.http_pairs
    assert (pair.written, pair.obstacle) == (False, "")
    (gap,) = http_gaps(found.http_pairs, wanted=False)
    assert (gap.code, gap.severity, gap.subject) == ("NPR316", Severity.INFO, "shop/web -> shop/api TCP/8080")
    assert gap.examples[0] == "GET /orders/{integer} (12)"


def test_ports_of_one_peer_keep_their_own_requests():
    found = made([asking(*PLENTY), asking(kind("GET", "/metrics", each=9), port=9090), edge(WEB, API, 7000)])
    ports = {rule.ports[0].port: [one.text for one in rule.http] for rule in by_name(found)["shop/api"].rules}
    assert ports == {8080: ["POST /orders", "GET /orders/{integer}"], 9090: ["GET /metrics"], 7000: []}


def test_a_pair_is_narrowed_only_if_all_its_edges_can_be():
    """A rule names groups: a workload of the client's group without requests would be cut."""
    two = replace(group(WEB), members=(WEB, end("shop", "web-canary")))
    silent = edge(end("shop", "web-canary"), API, 8080)
    found = made([asking(*PLENTY), silent], groups=(two, group(API)))
    assert not http_rules(found, "shop/api")
    assert "12 of 24 connections" in found.http_pairs[0].obstacle


def test_scrapes_leave_the_shared_baseline_at_the_server_where_they_are_narrowed():
    """Otherwise the baseline's rule of the same peer and port would open everything again."""
    targets = [end("shop", f"app{number}") for number in range(3)]
    scrape = kind("GET", "/metrics", each=9)
    edges = [asking(scrape, client=PROMETHEUS, server=target, port=9090) for target in targets]
    found = made(edges, groups=[group(PROMETHEUS), *map(group, targets)])
    for target in targets:
        (rule,) = by_name(found)[f"shop/{target.name}"].rules_for(Direction.INGRESS)
        assert rule.http
        assert rule.baseline is None
    egress = by_name(found)["monitoring/prometheus"].rules_for(Direction.EGRESS)
    assert {rule.baseline for rule in egress} == {Baseline.SCRAPE}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"connections": 14, "requested": 12}, "12 of 14 connections"),
        ({"hours": 10, "requested_hours": 8}, "8 of 10 hours"),
        ({"incomplete": 1}, "without a method or a path"),
        ({"cut": HttpCut(kinds=3, requests=3)}, "do not fold"),
    ],
)
def test_what_was_not_seen_keeps_a_pair_at_layer_4(changes, word):
    pair = only_pair([asking(*PLENTY, **changes)])
    assert word in pair.obstacle
    assert pair.remedy
    assert not pair.written


@pytest.mark.parametrize(
    ("kinds", "word"),
    [
        ([kind("GET", "/a", each=4)], "fewer than 5"),
        ([kind("GET", f"/{letter}") for letter in "abcdefgh"], "rest on a single request"),
        ([kind("GET", f"/page-{a}{b}", each=2) for a in "abcdefgh" for b in "abcdefgh"], "do not fold"),
        ([kind("GET", "/a", each=9), kind("", "/..", malformed=True, shape="", responses=1)], "no rule may hold"),
        ([kind("GET", "/" + "a" * 120, each=9)], "too long"),
        ([turned_away("GET", "/.env")], "every request is one to leave out"),
    ],
)
def test_requests_that_make_no_list_keep_a_pair_at_layer_4(kinds, word):
    assert word in only_pair([asking(*kinds)]).obstacle


def test_selected_kinds_of_records_say_nothing_of_the_rest():
    capture = replace(CAPTURE, record_kinds=("protocol http",))
    assert "protocol http" in only_pair([asking(*PLENTY)], capture=capture).obstacle


@pytest.mark.parametrize("client", [entity(Entity.WORLD), entity(Entity.REMOTE_NODE), address("198.51.100.7")])
def test_clients_that_stand_for_many_keep_a_pair_at_layer_4(client):
    assert "no group of pods" in only_pair([asking(*PLENTY, client=client)]).obstacle


@pytest.mark.parametrize("server", [address("203.0.113.9"), entity(Entity.HOST)])
def test_servers_without_a_policy_keep_a_pair_at_layer_4(server):
    pair = only_pair([asking(*PLENTY, server=server)])
    assert "no policy" in pair.obstacle
    assert pair.server == str(server)


def test_good_turing_and_the_bound_on_the_unseen():
    pair = only_pair([asking(kind("GET", "/a", each=9), kind("GET", "/b"))])
    assert pair.sample_coverage == pytest.approx(0.9)
    sure = only_pair([asking(kind("GET", "/a", each=59))])
    assert sure.sample_coverage == 1
    assert sure.unseen_bound == pytest.approx(0.05, abs=0.001)


def gaps_of(edges, **context):
    return http_gaps(made(edges, **context).http_pairs, wanted=True)


def test_a_narrowed_pair_has_a_gap_that_says_what_was_not_seen():
    (gap,) = gaps_of([asking(*PLENTY)])
    assert (gap.code, gap.severity) == ("NPR317", Severity.MEDIUM)
    assert "12 of 12 connections" in gap.reason
    assert "with 95 % certainty fewer than" in gap.reason
    assert "403" in gap.impact


def test_the_policy_that_gave_the_visibility_is_named_since_it_keeps_everything_open():
    visible = ("CiliumNetworkPolicy/shop/visibility",)
    (gap,) = gaps_of([asking(*PLENTY, policies=visible)])
    assert visible[0] in gap.action


def test_a_pair_without_records_below_layer_7_is_a_grave_gap():
    (gap,) = gaps_of([asking(*PLENTY, packets=0)])
    assert gap.severity is Severity.HIGH
    assert "no record below layer 7" in gap.reason


def test_requests_left_out_have_a_gap_of_their_own():
    gaps = gaps_of(
        [
            asking(
                *PLENTY,
                kind("GET", "/admin", forbidden=True, denied=1),
                cut=HttpCut(unserved_requests=7, requests=7, kinds=7, unserved_kinds=7),
            )
        ]
    )
    (left_out,) = [gap for gap in gaps if "no HTTP rule should allow" in gap.reason]
    assert left_out.count == 8
    assert left_out.examples == ("GET /admin",)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_scan_of_paths_is_told_with_and_without_the_flag(wanted):
    scan = [turned_away("GET", f"/{letter}.php") for letter in "abcdefghij"]
    found = made([asking(*PLENTY, *scan)], layer7=Layer7.HTTP if wanted else Layer7.NONE)
    gap = max(http_gaps(found.http_pairs, wanted=wanted), key=lambda gap: -gap.severity.rank)
    assert (gap.code, gap.severity, gap.count) == ("NPR317", Severity.HIGH, 10)
    assert ("403" in gap.impact) is wanted


def test_pairs_of_one_client_that_the_same_thing_stands_against_share_a_gap():
    edges = [asking(*PLENTY, server=address(f"203.0.113.{number}")) for number in range(1, 5)]
    (gap,) = gaps_of(edges)
    assert (gap.code, gap.severity) == ("NPR317", Severity.LOW)
    assert gap.subject == "shop/web -> several servers and ports"
    assert gap.reason.startswith("4 of them stay at layer 4: ")


def test_pairs_and_rules_do_not_depend_on_the_order_of_edges():
    edges = [asking(*PLENTY), asking(kind("GET", "/x", each=9), client=PROMETHEUS), edge(WEB, API, 9)]
    groups = (*GROUPS, group(PROMETHEUS))
    forward, backward = made(edges, groups=groups), made(edges[::-1], groups=groups[::-1])
    assert forward.http_pairs == backward.http_pairs
    assert forward.policies == backward.policies


def test_an_empty_capture_has_no_pairs():
    assert made([edge(WEB, API, 80)], capture=Capture(first_seen=0, last_seen=1, flows=1)).http_pairs == ()


def test_a_range_of_ports_never_undoes_http_rules():
    """Rules of layer 4 and 7 add up, so a port with HTTP rules lies in no range, and a port in a range has none."""
    dynamic = [edge(WEB, API, 50000 + 4 * number, connections=1, active_hours=1) for number in range(25)]
    steady = replace(asking(*PLENTY), port=50040)
    found = made([*dynamic[:10], *dynamic[11:], replace(dynamic[10], port=50041), steady])
    (narrow,) = http_rules(found, "shop/api")
    assert [str(port) for port in narrow.ports] == ["TCP/50040"]
    others = [port for rule in by_name(found)["shop/api"].rules_for(Direction.INGRESS) for port in rule.ports]
    assert [str(port) for port in others if port.covers(50040)] == ["TCP/50040"]
