import pytest

from recommender.assess import find_gaps
from recommender.model.capture import ClassCount, FieldPresence, FlowClass, RejectCount, Silence
from recommender.model.disposition import Decided
from recommender.model.edge import Protocol, VerdictMix
from recommender.model.gap import Severity
from recommender.model.inventory import Inventory, InventoryPod
from tests.assess.builders import (
    API,
    DAY,
    DB,
    HOST,
    HOUR,
    IMPLICIT,
    OUTSIDE,
    START,
    WEB,
    capture,
    edge,
    end,
    needed,
    node,
    workload,
)

DNS = end("coredns", namespace="kube-system")
QUERY = edge(WEB, DNS, 53, Protocol.UDP)
QUERY_TCP = edge(WEB, DNS, 53)


def gaps(code, *edges, window=None, decided=None, workloads=(), inventory=None):
    found = find_gaps(
        capture=window or capture(),
        edges=edges,
        decided=needed(*edges) if decided is None else decided,
        workloads=workloads,
        groups=(),
        inventory=inventory or Inventory(),
    )
    return [gap for gap in found if gap.code == code]


class TestLostEvents:
    def test_no_loss_no_gap(self):
        assert gaps("NPR101") == []

    @pytest.mark.parametrize(("lost", "severity"), [(84_000, Severity.HIGH), (200, Severity.MEDIUM), (3, Severity.LOW)])
    def test_the_share_decides_the_severity(self, lost, severity):
        window = capture(lost_events=lost, nodes=(node("a", lost_events=lost),))
        assert [(gap.severity, gap.count) for gap in gaps("NPR101", window=window)] == [(severity, lost)]

    def test_losses_without_a_node_are_told_by_source(self):
        window = capture(lost_events=50, lost_by_source=(("HUBBLE_RING_BUFFER", 50),))
        (gap,) = gaps("NPR101", window=window)
        assert gap.subject == "capture"
        assert gap.examples == ("HUBBLE_RING_BUFFER: 50 events",)

    def test_a_node_tells_its_share(self):
        window = capture(lost_events=10_000, nodes=(node("a", lost_events=10_000), node("b")))
        (gap,) = gaps("NPR101", window=window)
        assert (gap.subject, gap.facts) == ("nodes with grave losses", ("a",))
        assert gap.reason == "10,000 events lost on node a, 50.0% of all there"
        assert gap.examples == ("a: 50.0%",)

    def test_the_hour_of_the_worst_loss_is_told(self):
        lossy = node("a", lost_events=500, lost_hours=3, worst_loss_at=START + 5 * HOUR)
        (gap,) = gaps("NPR101", window=capture(lost_events=500, nodes=(lossy,)))
        assert gap.examples == ("a: 4.8%, in 3 hours, most in that of 2025-10-20T05:00:00Z",)

    def test_grave_and_noticeable_losses_stand_apart(self):
        window = capture(
            lost_events=3_203,
            nodes=(node("a", lost_events=1_000), node("b", lost_events=200), node("c", lost_events=2_000), node("d")),
        )
        found = gaps("NPR101", window=window)
        assert [(gap.severity, gap.count, gap.facts) for gap in found] == [
            (Severity.HIGH, 3_000, ("a", "c")),
            (Severity.MEDIUM, 200, ("b",)),
            (Severity.LOW, 3, ()),
        ]
        assert found[0].examples[0].startswith("c: ")


def silence(first, after):
    return Silence(start=START + first * HOUR, end=START + after * HOUR)


class TestSilentHours:
    def test_a_full_week_has_none(self):
        assert gaps("NPR102") == []

    def test_a_node_that_fell_silent(self):
        window = capture(nodes=(node("a"), node("b", active_hours=20, silences=(silence(20, 169),))))
        (gap,) = gaps("NPR102", window=window)
        assert (gap.subject, gap.count, gap.facts) == ("nodes", 149, ("b",))
        assert gap.examples == ("b: 2025-10-20T20:00:00Z to 2025-10-27T01:00:00Z",)

    def test_a_hole_in_the_capture(self):
        hole = (silence(10, 20), silence(30, 31))
        (gap,) = gaps("NPR102", window=capture(nodes=(node("a", silences=hole), node("b", silences=hole))))
        assert (gap.subject, gap.count) == ("capture", 11)
        assert len(gap.examples) == 2

    def test_one_empty_hour_of_a_busy_node_is_no_chance(self):
        busy = node("b", active_hours=168, quiet_hour_flows=500, silences=(silence(7, 8),))
        (gap,) = gaps("NPR102", window=capture(nodes=(node("a"), busy)))
        assert gap.count == 1

    def test_one_more_empty_hour_of_a_quiet_node_is_ordinary(self):
        quiet = tuple(silence(hour, hour + 1) for hour in range(0, 168, 2))
        nodes = node("a"), node("b", active_hours=85, quiet_hour_flows=1, silences=quiet)
        assert gaps("NPR102", window=capture(nodes=nodes)) == []

    def test_short_windows_say_nothing(self):
        assert gaps("NPR102", window=capture(days=0.5, nodes=(node("a", active_hours=1),))) == []


class TestUnobservedNodes:
    def test_named_unavailable(self):
        (gap,) = gaps("NPR103", window=capture(unavailable_nodes=("n1", "n2")))
        assert (gap.count, gap.examples, gap.severity) == (2, ("n1", "n2"), Severity.HIGH)

    def test_unavailable_for_a_time_only(self):
        window = capture(nodes=(node("default/n1"),), unavailable_nodes=("n1",))
        (gap,) = gaps("NPR103", window=window)
        assert (gap.subject, gap.severity) == ("nodes for a time", Severity.LOW)

    def test_a_node_of_the_inventory_that_never_reported(self):
        (gap,) = gaps("NPR103", inventory=Inventory(nodes=("node-a", "node-b"), digest="d"))
        assert gap.facts == ("node-b",)

    def test_pods_on_a_node_that_never_reported(self):
        pods = tuple(InventoryPod(namespace="x", name=n, labels=(), node=n) for n in ("node-a", "node-b"))
        window = capture(nodes=(node("default/node-a"),))
        (gap,) = gaps("NPR103", window=window, inventory=Inventory(pods=pods, digest="d"))
        assert gap.examples == ("node-b",)


class TestNoVerdicts:
    def test_one_gap_for_a_capture_without_any(self):
        (gap,) = gaps("NPR104", edge(), edge(API), window=capture(verdict_flows=0))
        assert (gap.subject, gap.severity) == ("capture", Severity.MEDIUM)

    def test_one_gap_for_each_direction(self):
        found = gaps("NPR104", edge(egress_verdicts=1), edge(API), edge(WEB, DNS, 53, egress_verdicts=1))
        assert [(gap.subject, gap.count, gap.severity) for gap in found] == [
            ("egress", 1, Severity.MEDIUM),
            ("ingress", 2, Severity.MEDIUM),
        ]
        assert "in shop with endpointSelector {} and enableDefaultDeny egress: true" in found[0].action
        assert found[1].examples == (str(DNS), str(DB))
        assert "in each of 2 namespaces, such as kube-system, with endpointSelector" in found[1].action

    def test_a_few_workloads_without_verdicts_weigh_less(self):
        audited = [edge(end(f"w{n}"), egress_verdicts=1, ingress_verdicts=1) for n in range(3)]
        (gap,) = gaps("NPR104", *audited, edge(API, ingress_verdicts=1))
        assert (gap.severity, gap.reason) == (
            Severity.LOW,
            "no egress verdict for 1 of 4 workloads with egress traffic",
        )

    def test_workloads_seen_from_afar_or_on_the_host_network_cannot_have_any(self):
        known = [workload(WEB, observed_locally=False), workload(DB, host_network=True)]
        assert gaps("NPR104", edge(), workloads=known) == []

    def test_implicit_edges_need_no_verdict(self):
        probe = edge(HOST, WEB, 8080)
        assert gaps("NPR104", probe, decided={probe.edge_id: Decided(disposition=IMPLICIT, reason="r")}) == []

    def test_a_hostile_namespace_does_not_reach_the_command(self):
        (gap,) = gaps("NPR104", edge(end("a", namespace="x; rm -rf /\n"), OUTSIDE))
        assert "rm -rf" not in gap.action
        assert "\n" not in gap.subject


def test_unreadable_records_by_reason():
    rejects = (RejectCount(reason="no JSON", lines=3, examples=("f:1",)), RejectCount(reason="masked", lines=1))
    found = gaps("NPR105", window=capture(rejects=rejects))
    assert [(gap.reason, gap.count, gap.examples) for gap in found] == [
        ("1 record: masked", 1, ()),
        ("3 records: no JSON", 3, ("f:1",)),
    ]


@pytest.mark.parametrize(
    ("code", "flow_class"),
    [
        ("NPR106", FlowClass.UNORIENTED),
        ("NPR107", FlowClass.UNRESOLVED),
        ("NPR111", FlowClass.INEXPRESSIBLE),
        ("NPR113", FlowClass.INIT),
    ],
)
def test_classes_of_flows_that_are_no_edges(code, flow_class):
    window = capture(classes=(ClassCount(flow_class=flow_class, flows=7, examples=("x",)),))
    (gap,) = gaps(code, window=window)
    assert (gap.count, gap.examples) == (7, ("x",))
    assert gaps(code, window=capture(classes=(ClassCount(flow_class=flow_class, flows=0),))) == []


def test_repeats_are_a_fact_and_no_worry():
    (gap,) = gaps("NPR108", window=capture(repeats=1008))
    assert (gap.severity, gap.count) == (Severity.INFO, 1008)


def test_flows_left_out_when_the_dataset_was_made_are_severe():
    (gap,) = gaps("NPR114", window=capture(selected_when_stored=True))
    assert (gap.severity, gap.subject) == (Severity.HIGH, "dataset")


def test_kinds_of_records_left_out_by_this_run_are_named():
    (gap,) = gaps("NPR114", window=capture(record_kinds=("--verdict AUDIT",)))
    assert gap.severity is Severity.MEDIUM
    assert "--verdict AUDIT" in gap.reason
    assert gaps("NPR114") == []


class TestTraceOnly:
    traced = edge(WEB, DB, verdicts=VerdictMix(no_verdict=100))

    def test_of_a_client_that_is_audited_otherwise(self):
        (gap,) = gaps("NPR109", self.traced, edge(WEB, API, egress_verdicts=100))
        assert gap.examples == (self.traced.key,)

    def test_of_a_client_without_verdicts_it_is_no_news(self):
        assert gaps("NPR109", self.traced, edge(WEB, API)) == []

    def test_connections_older_than_the_window_have_a_finding_of_their_own(self):
        old = edge(WEB, DB, verdicts=VerdictMix(no_verdict=100), unopened=100)
        assert gaps("NPR109", old, edge(WEB, API, egress_verdicts=100)) == []


class TestOlderConnections:
    def test_of_which_no_opening_was_recorded(self):
        old = edge(WEB, DB, connections=3, unopened=3)
        (gap,) = gaps("NPR119", old, edge(WEB, API, connections=3, unopened=2))
        assert (gap.severity, gap.count, gap.examples) == (Severity.MEDIUM, 1, (old.key,))

    def test_a_few_among_many_weigh_less(self):
        others = [edge(WEB, API, port) for port in range(9_000, 9_009)]
        (gap,) = gaps("NPR119", edge(connections=3, unopened=3), *others)
        assert gap.severity is Severity.LOW

    def test_only_tcp_has_openings(self):
        assert gaps("NPR119", edge(WEB, DNS, 53, Protocol.UDP, connections=3, unopened=3)) == []


@pytest.mark.parametrize(("missing", "found"), [(0, 0), (19, 0), (20, 1)])
def test_openings_that_should_have_been_recorded(missing, found):
    assert len(gaps("NPR120", window=capture(late_openings=100, late_unopened=missing))) == found
    assert gaps("NPR120", window=capture(late_openings=99, late_unopened=missing)) == []


class TestFields:
    def test_absent_everywhere(self):
        fields = (
            FieldPresence(name="uuid", expected=500, present=0),
            FieldPresence(name="verdict", expected=9, present=9),
        )
        (gap,) = gaps("NPR115", window=capture(fields=fields))
        assert (gap.subject, gap.severity, gap.facts) == ("export", Severity.LOW, ("uuid",))
        assert gap.examples == ("uuid: repeats are told by time and addresses",)

    def test_without_any_sign_of_direction_it_is_severe(self):
        fields = [FieldPresence(name=n, expected=50, present=0) for n in ("is_reply", "l4.TCP.flags", "event_type")]
        (gap,) = gaps("NPR115", window=capture(fields=tuple(fields)))
        assert gap.severity is Severity.HIGH

    def test_absent_on_some_nodes(self):
        field = FieldPresence(name="is_reply", expected=500, present=200, absent_on=("b", "c"))
        (gap,) = gaps("NPR115", window=capture(fields=(field,)))
        assert (gap.subject, gap.severity) == ("nodes b, c", Severity.MEDIUM)

    def test_a_few_records_say_nothing(self):
        assert gaps("NPR115", window=capture(fields=(FieldPresence(name="uuid", expected=9, present=0),))) == []


def test_an_aggregated_export():
    (gap,) = gaps("NPR116", window=capture(aggregated_flows=70))
    assert (gap.count, gap.reason) == (70, "70 records of 10000 stand for several events each")
    assert gaps("NPR116") == []


class TestFilteredExport:
    def test_audit_verdicts_only(self):
        (gap,) = gaps("NPR117", window=capture(audit_flows=10_000, verdict_flows=10_000, trace_flows=0))
        assert (gap.severity, gap.facts) == (Severity.HIGH, ("audit",))

    def test_verdicts_only(self):
        (gap,) = gaps("NPR117", window=capture(audit_flows=9_000, verdict_flows=10_000, trace_flows=0))
        assert (gap.severity, gap.facts) == (Severity.LOW, ("no traces",))

    def test_with_traces_it_is_whole(self):
        assert gaps("NPR117", window=capture(audit_flows=50, trace_flows=9_000)) == []

    def test_this_run_s_own_selection_is_another_finding(self):
        window = capture(audit_flows=10_000, verdict_flows=10_000, record_kinds=("--verdict AUDIT",))
        assert gaps("NPR117", window=window) == []


@pytest.mark.parametrize(
    ("seconds", "severities"), [(0.5, []), (2, [Severity.LOW]), (7, [Severity.MEDIUM]), (4_000, [Severity.HIGH])]
)
def test_clocks_that_differ(seconds, severities):
    nodes = node("a", clock_offset=0), node("b", clock_offset=int(seconds * 1e9)), node("c")
    found = gaps("NPR118", window=capture(nodes=nodes))
    assert [gap.severity for gap in found] == severities
    assert all(gap.facts == ("b",) for gap in found)


@pytest.mark.parametrize(
    ("emitter", "count"), [("Hubble 1.16", 0), ("cilium", 0), ("", 0), ("unnamed", 0), ("retina 0.0.30", 1)]
)
def test_other_emitters(emitter, count):
    assert len(gaps("NPR110", window=capture(emitters=((emitter, 5),)))) == count


class TestDns:
    def test_seen_in_full(self):
        assert gaps("NPR112", QUERY, QUERY_TCP) == []

    def test_never_seen(self):
        (gap,) = gaps("NPR112", edge())
        assert gap.severity is Severity.HIGH

    def test_over_udp_only(self):
        (gap,) = gaps("NPR112", QUERY)
        assert (gap.subject, gap.severity) == ("DNS over TCP", Severity.LOW)

    def test_without_answers_outside_addresses_stay_nameless(self):
        out = edge(WEB, OUTSIDE, 443)
        (gap,) = gaps("NPR112", QUERY, QUERY_TCP, out, window=capture(dns_answers=0))
        assert (gap.severity, gap.examples) == (Severity.MEDIUM, (out.key,))

    def test_without_outside_addresses_answers_matter_little(self):
        (gap,) = gaps("NPR112", QUERY, QUERY_TCP, window=capture(dns_answers=0))
        assert gap.severity is Severity.LOW

    def test_without_workloads_nobody_asks(self):
        assert gaps("NPR112") == []


class TestCalendar:
    @pytest.mark.parametrize(
        ("days", "severities"),
        [(0.001, [Severity.HIGH]), (3, [Severity.MEDIUM]), (7, [Severity.LOW]), (14, [])],
    )
    def test_a_short_window(self, days, severities):
        assert [gap.severity for gap in gaps("NPR501", window=capture(days=days))] == severities

    def test_a_window_of_seconds_says_so(self):
        (gap,) = gaps("NPR501", window=capture(last_seen=START + 10_000_000_000))
        assert gap.reason == "the window is 10 seconds long"

    @pytest.mark.parametrize(
        ("days", "missing"), [(0.5, []), (2, ["no Saturday and no Sunday"]), (5.5, ["no Sunday"]), (6.5, []), (30, [])]
    )
    def test_no_weekend(self, days, missing):
        assert [gap.reason.partition(" between")[0] for gap in gaps("NPR502", window=capture(days=days))] == missing

    def test_a_weekend_alone_lacks_nothing(self):
        assert gaps("NPR502", window=capture(first_seen=START + 5 * DAY, last_seen=START + 7 * DAY - 1)) == []

    @pytest.mark.parametrize(("days", "severities"), [(7, [Severity.MEDIUM]), (15, [Severity.LOW]), (62, [])])
    def test_long_periods(self, days, severities):
        assert [gap.severity for gap in gaps("NPR503", window=capture(days=days))] == severities

    @pytest.mark.parametrize(("first", "days", "found"), [(0, 7, 1), (0, 12.1, 0), (5, 6, 1), (5, 8, 0), (0, 0.5, 0)])
    def test_no_turn_of_a_month(self, first, days, found):
        start = START + first * DAY
        window = capture(first_seen=start, last_seen=start + int(days * DAY))
        assert [gap.reason[-10:] for gap in gaps("NPR505", window=window)] == ["2025-11-01"] * found

    @pytest.mark.parametrize(
        ("starts", "severities"), [((0, 0), [Severity.MEDIUM]), ((0, 0, 1), [Severity.LOW]), ((0, 1), []), ((), [])]
    )
    def test_no_start_of_a_pod(self, starts, severities):
        seen = [workload(end(f"w{number}"), starts_seen=count) for number, count in enumerate(starts)]
        found = gaps("NPR504", workloads=seen)
        assert [gap.severity for gap in found] == severities
        assert all("kubectl -n shop rollout restart deployment w0" in gap.action for gap in found)

    def test_what_no_rollout_restarts_is_not_asked_for_a_start(self):
        others = [workload(end("j", "Job")), workload(WEB, host_network=True), workload(DB, observed_locally=False)]
        assert gaps("NPR504", workloads=others) == []
