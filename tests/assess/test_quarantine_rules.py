import pytest

from recommender.model.edge import FqdnEnd, OrientationReason, Protocol, VerdictMix
from recommender.model.inventory import Inventory, InventoryPod
from tests.assess.builders import (
    API,
    DAY,
    DB,
    HOUR,
    NEEDED,
    OUTSIDE,
    QUARANTINED,
    REVIEW,
    SECOND,
    START,
    WEB,
    capture,
    decision,
    edge,
    end,
    node,
    once,
    workload,
)

WEAK = ((OrientationReason.PORT_NUMBER, 1),)
STRONG = ((OrientationReason.TCP_FLAGS, 1),)


def test_a_regular_answered_edge_is_needed():
    assert decision(edge()).disposition is NEEDED


def test_one_explicit_denial_outweighs_any_amount_of_traffic():
    found = decision(edge(verdicts=VerdictMix(explicitly_denied=1, audited=99)))
    assert found.disposition is QUARANTINED
    assert "deny rule" in found.reason


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (VerdictMix(denied=100), QUARANTINED),
        (VerdictMix(denied=99, audited=1), NEEDED),
        (VerdictMix(denied=99, allowed_by_policy=1), NEEDED),
        (VerdictMix(denied=99, no_verdict=1), NEEDED),
    ],
)
def test_what_was_only_ever_dropped_waits_for_release(verdicts, expected):
    assert decision(edge(verdicts=verdicts)).disposition is expected


def test_dropped_only_says_how_to_allow_it():
    assert decision(edge(verdicts=VerdictMix(denied=100), answered=0)).reason == "was denied; release it to allow"


@pytest.mark.parametrize(("refused", "expected"), [(100, QUARANTINED), (99, NEEDED)])
def test_refused_every_time(refused, expected):
    assert decision(edge(refused=refused, answered=100 - refused)).disposition is expected


class TestNeverAnswered:
    silent = edge(answered=0)
    answered_by_server = edge(client=API)

    def test_silence_where_the_server_answers_others(self):
        found = decision(self.silent, self.answered_by_server)
        assert found.disposition is QUARANTINED
        assert "never answered" in found.reason

    def test_silence_where_the_client_hears_others(self):
        assert decision(self.silent, edge(server=API)).disposition is QUARANTINED

    def test_silence_where_most_other_clients_are_answered(self):
        others = [edge(client=end(f"c{n}"), server=API, port=80) for n in range(3)]
        assert decision(self.silent, *others).disposition is QUARANTINED

    def test_silence_among_silence_proves_nothing(self):
        others = [edge(client=end(f"c{n}"), server=API, port=80, answered=0) for n in range(3)]
        assert decision(self.silent, *others).disposition is REVIEW

    def test_a_capture_without_replies_proves_nothing(self):
        assert decision(self.silent, self.answered_by_server, window=capture(reply_flows=0)).disposition is NEEDED

    def test_a_record_that_is_only_a_verdict_proves_nothing(self):
        verdict_only = edge(answered=0, flows=100, egress_verdicts=100)
        assert decision(verdict_only, self.answered_by_server).disposition is NEEDED

    def test_the_last_half_minute_proves_nothing(self):
        late = edge(answered=0, last_seen=START + 7 * DAY - SECOND)
        assert decision(late, self.answered_by_server).disposition is REVIEW

    def test_udp_may_be_one_way(self):
        statsd = edge(port=8125, protocol=Protocol.UDP, answered=0)
        assert decision(statsd, edge(client=API, port=8125, protocol=Protocol.UDP)).reason == "one-way UDP"

    def test_a_scanner_cannot_talk_the_share_down(self):
        noise = [edge(client=WEB, server=end(f"s{n}"), answered=0) for n in range(50)]
        assert decision(self.silent, *noise, edge(client=API, server=end("x"), port=80)).disposition is QUARANTINED


class TestOwnerlessPod:
    debug = end("debug", "Pod")

    def test_a_bare_pod_of_an_hour_is_quarantined(self):
        found = decision(edge(client=self.debug, at=2 * DAY), edge())
        assert found.disposition is QUARANTINED
        assert "without an owner" in found.reason

    def test_at_the_server_end_too(self):
        assert decision(edge(server=self.debug, port=4444, at=2 * DAY)).disposition is QUARANTINED

    def test_its_life_is_told_from_all_its_edges(self):
        short = edge(client=self.debug, at=2 * DAY)
        later = edge(client=self.debug, server=API, at=2 * DAY + 3 * HOUR)
        assert decision(short, later).disposition is REVIEW

    def test_static_pods_of_kube_system_are_spared(self):
        static = end("kube-apiserver-node-a", "Pod", "kube-system")
        assert decision(edge(client=static, at=2 * DAY)).disposition is REVIEW

    def test_a_pod_that_calls_itself_static_elsewhere_is_not(self):
        assert decision(edge(client=end("x-node-a", "Pod"), at=2 * DAY)).disposition is QUARANTINED

    def test_static_pods_are_known_by_the_node_without_its_cluster(self):
        window = capture(nodes=(node("default/node-b"),))
        static = end("etcd-node-b", "Pod", "kube-system")
        assert decision(edge(client=static, at=2 * DAY), window=window).disposition is REVIEW

    @pytest.mark.parametrize(
        ("pods", "expected"),
        [
            (("toolbox",), QUARANTINED),
            (("web-7d4b9c6f5-x2k9z",), REVIEW),
            (("db-0",), REVIEW),
            (("one", "two"), REVIEW),
            ((), REVIEW),
        ],
    )
    def test_a_label_set_counts_only_with_a_single_hand_made_name(self, pods, expected):
        unknown = end("a1b2", "LabelSet")
        found = decision(edge(client=unknown, at=2 * DAY), workloads=[workload(unknown, pods=pods)])
        assert found.disposition is expected

    def test_the_inventory_may_know_an_owner(self):
        pod = InventoryPod(namespace="shop", name="debug", labels=(), owner_kind="Kafka", owner_name="main")
        inventory = Inventory(pods=(pod,), digest="d")
        assert decision(edge(client=self.debug, at=2 * DAY), inventory=inventory).disposition is REVIEW

    def test_a_short_window_only_marks_it(self):
        found = decision(edge(client=self.debug, at=HOUR), window=capture(days=0.5))
        assert (found.disposition, found.reason) == (REVIEW, "window too short to corroborate")


LOOSE = end("loose", "LabelSet")


class TestSingleSighting:
    regular = edge(client=WEB, server=API, port=8080)

    def test_late_and_on_a_sensitive_port(self):
        found = decision(once(LOOSE, DB, 5432), edge(client=LOOSE, server=API, port=8080))
        assert found.disposition is QUARANTINED
        assert "PostgreSQL" in found.reason

    def test_late_and_answered_for_a_workload_with_an_owner_is_allowed_and_marked_as_odd(self):
        found = decision(once(WEB, DB, 5432), self.regular)
        assert found.disposition is REVIEW
        assert "PostgreSQL" in found.reason

    def test_late_in_a_capture_that_holds_no_answers_is_allowed_and_marked_too(self):
        blind = capture(reply_flows=0)
        found = decision(once(WEB, DB, 5432, answered=0), self.regular, window=blind)
        assert found.disposition is REVIEW
        assert "PostgreSQL" in found.reason

    def test_the_first_thing_that_a_client_does_is_not_late(self):
        assert decision(once(WEB, DB, 5432)).disposition is REVIEW

    def test_a_weekly_job_seen_once_is_needed_and_marked(self):
        backup = end("backup", "CronJob")
        found = decision(once(backup, DB, 5432, reasons=WEAK), once(backup, OUTSIDE, 22), self.regular)
        assert (found.disposition, found.reason) == (REVIEW, "seen once")

    def test_a_weekly_job_may_use_an_odd_port(self):
        assert decision(once(end("sync", "Job"), OUTSIDE, 22)).disposition is REVIEW

    def test_a_daily_job_that_strays_once_is_suspected(self):
        backup = end("backup", "CronJob")
        assert decision(once(backup, OUTSIDE, 4444), edge(client=backup)).disposition is QUARANTINED

    def test_a_guessed_direction(self):
        assert decision(once(WEB, DB, 9000, reasons=WEAK), self.regular).disposition is QUARANTINED
        assert decision(once(WEB, DB, 9000, reasons=STRONG), self.regular).disposition is REVIEW

    @pytest.mark.parametrize(("port", "expected"), [(443, REVIEW), (4444, QUARANTINED)])
    @pytest.mark.parametrize("server", [OUTSIDE, FqdnEnd(name="files.example.com")])
    def test_the_world_on_an_odd_port(self, port, expected, server):
        assert decision(once(WEB, server, port), self.regular).disposition is expected

    def test_from_outside_on_a_sensitive_port(self):
        assert decision(once(OUTSIDE, DB, 22)).disposition is QUARANTINED

    def test_a_connection_that_lives_for_hours_is_no_single_sighting(self):
        pool = edge(WEB, DB, 8080, connections=1, at=3 * DAY, active_hours=40, last_seen=START + 6 * DAY)
        assert decision(pool, self.regular).disposition is NEEDED

    def test_the_same_port_on_a_neighbour_speaks_for_it(self):
        replica = end("db-replica", "StatefulSet")
        assert decision(once(WEB, replica, 5432), edge(WEB, DB, 5432)).disposition is REVIEW

    def test_a_workload_of_the_same_role_speaks_for_it(self):
        canary = end("web-canary")
        known = [workload(WEB, "k8s:app=web"), workload(canary, "k8s:app=web")]
        regular = edge(canary, API, 8080)
        contact, example = once(canary, OUTSIDE, 4444), edge(WEB, OUTSIDE, 4444)
        assert decision(contact, example, regular, workloads=known).disposition is REVIEW
        assert decision(contact, example, regular).disposition is QUARANTINED

    def test_a_stranger_of_the_same_namespace_does_not(self):
        found = decision(once(WEB, OUTSIDE, 4444), edge(API, OUTSIDE, 4444), self.regular)
        assert found.disposition is QUARANTINED

    def test_a_short_window_only_marks_it(self):
        found = decision(once(WEB, OUTSIDE, 4444, at=HOUR), window=capture(days=0.5))
        assert (found.disposition, found.reason) == (REVIEW, "window too short to corroborate")
