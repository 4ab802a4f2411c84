import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.assess import find_gaps
from recommender.assess.codes import FINDINGS
from recommender.model.disposition import Decided
from recommender.model.edge import AddressEnd, VerdictMix
from recommender.model.gap import Severity
from recommender.model.inventory import (
    Inventory,
    InventoryPod,
    InventoryService,
    InventoryWorkload,
    ServicePort,
)
from recommender.model.replay import ReplayProof
from tests.assess.builders import (
    API,
    DB,
    OUTSIDE,
    QUARANTINED,
    WEB,
    WORLD,
    capture,
    edge,
    end,
    needed,
    workload,
)


def gaps(code, *edges, window=None, decided=None, workloads=(), proof=None, jobs=(), **inventory):
    found = find_gaps(
        capture=window or capture(),
        edges=edges,
        decided=needed(*edges) | (decided or {}),
        workloads=workloads,
        groups=(),
        inventory=Inventory(**inventory, workloads=jobs, digest="d"),
        proof=proof,
    )
    return [gap for gap in found if gap.code == code]


def quarantine(reason, *edges):
    return {one.edge_id: Decided(disposition=QUARANTINED, reason=reason) for one in edges}


def test_quarantine_is_summed_up_by_client_and_reason():
    scan = [edge(WEB, end(f"s{n}"), 80) for n in range(30)]
    other = edge(API)
    decided = quarantine("part of a scan", *scan) | quarantine("was denied", other)
    found = gaps("NPR401", *scan, other, decided=decided)
    assert [(gap.subject, gap.severity, gap.count, len(gap.examples)) for gap in found] == [
        (str(WEB), Severity.HIGH, 30, 5),
        (str(API), Severity.MEDIUM, 1, 1),
    ]


def test_explicit_denials_have_a_finding_of_their_own():
    denied = edge(verdicts=VerdictMix(explicitly_denied=3), sample_uuids=("a-1", "b;c"))
    decided = quarantine("deny rule", denied)
    (gap,) = gaps("NPR402", denied, decided=decided)
    assert (gap.subject, gap.count, gap.examples) == (denied.key, 3, ("hubble observe --uuid a-1",))
    assert gaps("NPR401", denied, decided=decided) == []


@pytest.mark.parametrize(("port", "severity"), [(22, Severity.HIGH), (443, Severity.MEDIUM)])
@pytest.mark.parametrize("client", [WORLD, OUTSIDE])
def test_exposure_to_the_world(port, severity, client):
    exposed = edge(client, WEB, port)
    (gap,) = gaps("NPR403", exposed)
    assert (gap.subject, gap.severity) == (str(WEB), severity)
    assert gaps("NPR403", exposed, decided=quarantine("r", exposed)) == []


class TestEnvironments:
    dev, prod = end("a", namespace="shop-dev"), end("b", namespace="prod")

    def found(self, *edges, **context):
        known = [workload(one) for edge_ in edges for one in (edge_.client, edge_.server)]
        return gaps("NPR404", *edges, **({"workloads": known} | context))

    def test_told_from_the_names(self):
        (gap,) = self.found(edge(self.dev, self.prod))
        assert (gap.subject, gap.reason) == ("shop-dev -> prod", "1 edge from development to production")

    def test_shared_namespaces_and_equal_environments_are_fine(self):
        assert self.found(edge(self.dev, DB), edge(self.dev, end("c", namespace="other-dev"))) == []

    def test_words_inside_words_do_not_count(self):
        assert self.found(edge(end("a", namespace="devices"), self.prod)) == []

    def test_labels_of_the_inventory_outweigh_names(self):
        namespaces = (("shop-dev", (("environment", "production"),)),)
        assert self.found(edge(self.dev, self.prod), namespaces=namespaces) == []

    def test_labels_of_the_identity_count(self):
        plain = end("c", namespace="plain")
        labelled = workload(plain, "k8s:io.cilium.k8s.namespace.labels.env=dev")
        assert len(self.found(edge(plain, self.prod), workloads=[labelled, workload(self.prod)])) == 1


class TestWorldEgress:
    def test_many_addresses(self):
        edges = [edge(WEB, AddressEnd(address=f"198.51.100.{n}"), 443) for n in range(12)]
        (gap,) = gaps("NPR405", *edges)
        assert (gap.count, gap.reason) == (12, "reaches 12 different addresses")
        assert gaps("NPR405", *edges[:9]) == []

    def test_the_world_itself(self):
        (gap,) = gaps("NPR405", edge(WEB, WORLD, 443))
        assert "world" in gap.reason


def test_what_the_proof_found_still_open():
    proof = ReplayProof(edges=2, allowed=2, still_open=("b -> c", "a -> b"))
    (gap,) = gaps("NPR406", proof=proof)
    assert (gap.severity, gap.examples) == (Severity.HIGH, ("a -> b", "b -> c"))
    assert gaps("NPR406", proof=ReplayProof(edges=0, allowed=0)) == []


def test_policies_that_select_nothing():
    proof = ReplayProof(
        edges=0, allowed=0, idle_policies=("CiliumNetworkPolicy/shop/web", "CiliumNetworkPolicy/shop/a")
    )
    (gap,) = gaps("NPR407", proof=proof)
    assert (gap.severity, gap.count) == (Severity.HIGH, 2)
    assert gap.examples == ("CiliumNetworkPolicy/shop/a", "CiliumNetworkPolicy/shop/web")
    assert gaps("NPR407", proof=ReplayProof(edges=0, allowed=0)) == []


def known(kind, name, **parts):
    return InventoryWorkload(namespace="shop", kind=kind, name=name, **parts)


class TestNeverSeen:
    def test_by_namespace(self):
        workloads = (
            known("Deployment", "web"),
            known("Deployment", "idle"),
            known("Deployment", "zero", replicas=0),
            known("DaemonSet", "agent", host_network=True),
            known("CronJob", "report"),
        )
        found = find_gaps(
            capture=capture(),
            edges=(),
            decided={},
            workloads=[workload(WEB)],
            groups=(),
            inventory=Inventory(workloads=workloads, digest="d"),
        )
        (gap,) = [gap for gap in found if gap.code == "NPR601"]
        assert gap.examples == ("shop/Deployment/idle",)

    def test_a_pod_seen_under_its_labels_stands_for_its_owner(self):
        pod = InventoryPod(namespace="shop", name="idle-1", labels=(), owner_kind="Deployment", owner_name="idle")
        seen = workload(end("a1b2", "LabelSet"), pods=("idle-1",))
        inventory = Inventory(workloads=(known("Deployment", "idle"),), pods=(pod,), digest="d")
        found = find_gaps(capture=capture(), edges=(), decided={}, workloads=[seen], groups=(), inventory=inventory)
        assert "NPR601" not in {gap.code for gap in found}


class TestUnusedService:
    service = InventoryService(
        namespace="shop",
        name="db",
        selector=(("app", "db"),),
        ports=(ServicePort(protocol="TCP", port=5432, target_port="pg"),),
    )
    pods = workload(DB, "k8s:app=db", named_ports=(("pg", "TCP", 5432),))

    def test_without_a_client(self):
        (gap,) = gaps("NPR602", edge(WEB, API), services=(self.service,), workloads=[self.pods])
        assert gap.examples == ("shop/db",)

    def test_named_by_a_flow(self):
        assert gaps("NPR602", edge(services=("shop/db",)), services=(self.service,)) == []

    def test_asked_at_its_pods(self):
        assert gaps("NPR602", edge(WEB, DB), services=(self.service,), workloads=[self.pods]) == []
        assert len(gaps("NPR602", edge(WEB, DB, 80), services=(self.service,), workloads=[self.pods])) == 1

    def test_without_a_selector_it_is_not_ours(self):
        assert gaps("NPR602", services=(InventoryService(namespace="default", name="kubernetes"),)) == []


class TestMissedRuns:
    @pytest.mark.parametrize(
        ("schedule", "hours", "expected"),
        [
            ("0 3 * * *", 7, (Severity.INFO, 1)),
            ("0 3 * * *", 4, (Severity.LOW, 3)),
            ("0 3 1 * *", 0, (Severity.HIGH, 1)),
            ("nonsense", 0, (Severity.HIGH, 1)),
            ("nonsense", 1, (Severity.INFO, 1)),
        ],
    )
    def test_fewer_hours_than_due(self, schedule, hours, expected):
        job = known("CronJob", "report", schedule=schedule)
        ran = [edge(end("report", "CronJob"), DB, active_hours=hours)] if hours else []
        found = gaps("NPR603", *ran, window=capture(6.9), jobs=(job,))
        assert [(gap.severity, gap.count) for gap in found] == [expected]

    def test_each_that_lacks_nothing_is_told_with_its_schedule(self):
        job = known("CronJob", "report", schedule="0 3 * * *", time_zone="Europe/Berlin")
        (gap,) = gaps("NPR603", edge(end("report", "CronJob"), DB, active_hours=7), window=capture(6.9), jobs=(job,))
        assert gap.examples == (
            "shop/CronJob/report: seen in 7 hours; due in 7 hours of the window (`0 3 * * *` Europe/Berlin)",
        )

    def test_a_suspended_one_is_not_due(self):
        (gap,) = gaps("NPR603", jobs=(known("CronJob", "report", schedule="0 3 * * *", suspended=True),))
        assert (gap.severity, gap.reason) == (Severity.LOW, "suspended now, and never seen (`0 3 * * *`)")

    def test_its_jobs_count_for_it(self):
        job = known("CronJob", "report", schedule="0 3 1 * *")
        (gap,) = gaps("NPR603", edge(end("report-29012345", "Job"), DB), jobs=(job,))
        assert gap.severity is Severity.INFO
        assert len(gaps("NPR603", edge(end("reporting-1", "Job"), DB), jobs=(job,))) == 1

    def test_the_command_names_the_job_only_if_its_name_is_one(self):
        (gap,) = gaps("NPR603", jobs=(known("CronJob", "report", schedule="0 3 1 * *"),))
        assert "--from=cronjob/report report-observed" in gap.action
        (gap,) = gaps("NPR603", jobs=(known("CronJob", "$(reboot)", schedule="0 3 1 * *"),))
        assert "$(" not in gap.action


def test_cronjobs_due_less_than_twice_are_named():
    jobs = known("CronJob", "closing", schedule="0 3 28 * *"), known("CronJob", "backup", schedule="0 3 * * *")
    (gap,) = gaps("NPR503", jobs=jobs)
    assert (gap.count, gap.examples) == (1, ("shop/CronJob/closing: `0 3 28 * *`",))


def test_host_network_by_namespace():
    pods = (
        InventoryPod(namespace="shop", name="a", labels=(), host_network=True),
        InventoryPod(namespace="shop", name="b", labels=(), owner_kind="DaemonSet", owner_name="d", host_network=True),
        InventoryPod(namespace="shop", name="c", labels=()),
    )
    (gap,) = gaps("NPR604", pods=pods, workloads=[workload(WEB, host_network=True)])
    assert gap.examples == ("DaemonSet/d", "Deployment/web", "Pod/a")


@given(st.permutations([edge(WEB, end(f"s{n}", namespace=f"n{n % 3}"), 22 + n) for n in range(6)] + [edge(WORLD)]))
def test_the_order_of_edges_changes_no_gap(edges):
    def found(edges):
        known_ends = sorted({one.server for one in edges})
        return find_gaps(
            capture=capture(lost_events=5),
            edges=edges,
            decided=needed(*edges),
            workloads=[workload(each) for each in known_ends],
            groups=(),
            inventory=Inventory(),
        )

    assert found(edges) == found(sorted(edges, key=lambda one: one.sort_key))


def test_gaps_are_sorted_and_speak_the_registry():
    edges = [edge(WORLD, WEB, 22), edge(WEB, OUTSIDE, 443)]
    found = find_gaps(
        capture=capture(2.0, lost_events=3, repeats=4),
        edges=edges,
        decided=needed(*edges),
        workloads=[],
        groups=(),
        inventory=Inventory(),
    )
    registry = {finding.code: finding for finding in FINDINGS}
    assert list(found) == sorted(found, key=lambda gap: gap.sort_key)
    assert all(gap.title == registry[gap.code].title and gap.severity in registry[gap.code].severities for gap in found)


def test_captured_text_is_cut_and_cleaned():
    nasty = end("x" * 400 + "\u202e\n", namespace="shop")
    (gap,) = gaps("NPR403", edge(WORLD, nasty, 80))
    assert len(gap.subject) <= 160
    assert all(text.isprintable() and len(text) <= 160 for text in gap.examples)
