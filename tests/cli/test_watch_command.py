import json
from pathlib import Path

import pytest
import yaml

from tests.cli.judging_samples import cluster, run
from tests.rollout.verify.flows import flow, regular, write

__all__ = ["cluster", "run"]

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture
def approved(cluster, run):
    known = regular("web", "db", 5432)
    write(cluster / "first.log", known)
    assert run("recommend", "first.log", "-o", "approved", "--quiet")[0] == 0
    return known


def watch(run, *arguments):
    return run("watch", "flows.log", "--report", "approved", "--quiet", *arguments)


def test_nothing_new_is_quiet(cluster, run, approved):
    write(cluster / "flows.log", approved)
    code, out, err = watch(run, "--unused-days", "2")
    assert (code, err) == (0, "")
    assert out.startswith("0 findings in ")


def test_a_new_connection_outside_the_policies_fails(cluster, run, approved):
    write(cluster / "flows.log", [*approved, *regular("worker", "db", 5432)])
    code, out, _ = watch(run, "--findings", "drift.sarif")
    assert code == 1
    assert "high NPR971 New connection outside the approved policies: shop/Deployment/worker -> shop/" in out
    assert "medium NPR975 Workload without policy: shop/Deployment/worker: the report does not know it" in out
    (ran,) = json.loads((cluster / "drift.sarif").read_text())["runs"]
    place = next(item for item in ran["results"] if item["ruleId"] == "NPR971")["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].startswith("approved/policies/shop/db-")


def test_a_new_port_of_known_ends_is_new_too(cluster, run, approved):
    write(cluster / "flows.log", [*approved, *regular("web", "db", 9187)])
    found = json.loads(watch(run, "--format", "json")[1])["findings"]
    assert ("NPR971", "shop/Deployment/web -> shop/Deployment/db TCP/9187") in {
        (item["code"], item["subject"]) for item in found
    }


def test_a_scan_is_suspicious_and_no_need(cluster, run, approved):
    scan = [flow(7000 + port, "scanner", "db", port, verdict="DROPPED", drop_reason_desc="POLICY_DENIED")
            for port in range(9000, 9030)]  # fmt: skip
    write(cluster / "flows.log", [*approved, *scan])
    code, out, _ = watch(run)
    assert code == 0
    assert out.count("medium NPR973 ") == 30
    assert "NPR971" not in out


def test_rules_are_unused_only_by_enough_days(cluster, run, approved):
    later = [flow(second, "web", "cache", 6379) for second in range(600, 3 * 86400, 7200)]
    early = [item for item in approved if item["flow"]["time"] < "2026-03-11"]
    write(cluster / "flows.log", [*early, *later])
    assert "NPR976 Store too short" in watch(run, "--fail-on", "never")[1]
    out = watch(run, "--unused-days", "1", "--fail-on", "never")[1]
    assert "low NPR974 Rule unused for long: CiliumNetworkPolicy/shop/db-" in out
    assert "last used 2026-03-10T" in out
    assert "NPR974" not in watch(run, "--unused-days", "2", "--fail-on", "never")[1]


DENIED = {"verdict": "DROPPED", "drop_reason_desc": "POLICY_DENIED"}


def test_a_need_that_the_policies_cut_is_loud(cluster, run, approved):
    """Where they are enforced, a new need shows as denied connections and nothing else."""
    cut = [flow(second, "worker", "db", 5432, **DENIED) for second in range(607, 2 * 86400, 7200)]
    write(cluster / "flows.log", [*approved, *cut])
    code, out, _ = watch(run)
    assert code == 1
    assert "high NPR977 New connection that is denied: shop/Deployment/worker -> shop/Deployment/db TCP/5432" in out


WORKER = "shop/Deployment/worker -> shop/Deployment/db TCP/5432"


def decisions(*, edge="exclude", finding="", expires=""):
    signed = {"reviewer": "Ada", **({"expires": expires} if expires else {})}
    told = {"schema_version": 1, "edges": [{"edge": WORKER, "decision": edge, **signed}]}
    if finding:
        told = {"schema_version": 1, "findings": [{"finding": finding, "decision": "accept", **signed}]}
    return yaml.safe_dump(told)


class TestDecisions:
    @pytest.fixture
    def drifted(self, cluster, approved):
        write(cluster / "flows.log", [*approved, *regular("worker", "db", 5432)])
        return cluster

    def test_an_excluded_edge_is_no_news(self, drifted, run):
        (drifted / "approved" / "decisions.yaml").write_text(decisions())
        code, out, _ = watch(run, "--format", "json")
        found = json.loads(out)
        assert code == 0
        assert "NPR971" not in {item["code"] for item in found["findings"]}
        (one,) = found["decided"]
        assert (one["code"], one["subject"], one["by"]) == ("NPR971", WORKER, "by Ada")
        assert found["decisions"].endswith("decisions.yaml")
        assert watch(run)[1].endswith("1 more decided already\n")

    def test_a_decision_counts_until_its_last_day(self, drifted, run):
        (drifted / "decided.yaml").write_text(decisions(expires="2026-03-09"))
        assert watch(run, "--decisions", "decided.yaml")[0] == 1
        (drifted / "decided.yaml").write_text(decisions(expires="2027-03-09"))
        assert watch(run, "--decisions", "decided.yaml")[0] == 0

    def test_an_accepted_finding_is_no_news(self, drifted, run):
        found = json.loads(watch(run, "--format", "json")[1])["findings"]
        outside = next(item for item in found if item["code"] == "NPR971")
        (drifted / "decided.yaml").write_text(decisions(finding=outside["fingerprint"]))
        assert watch(run, "--decisions", "decided.yaml")[0] == 0

    def test_what_the_report_was_made_with_counts_too(self, cluster, run, approved):
        flows = [*approved, *regular("worker", "db", 5432)]
        write(cluster / "first.log", flows)
        (cluster / "decided.yaml").write_text(decisions())
        assert run("recommend", "first.log", "--decisions", "decided.yaml", "-o", "approved", "--quiet")[0] in {0, 1}
        (cluster / "decided.yaml").unlink()
        write(cluster / "flows.log", [*flows, flow(4 * 86400, "worker", "db", 5432)])
        out = watch(run, "--fail-on", "never")[1]
        assert f"NPR971 New connection outside the approved policies: {WORKER}" not in out
        assert WORKER not in [line for line in out.splitlines() if "NPR972" in line]

    def test_a_released_edge_is_needed_however_suspicious(self, cluster, run, approved):
        once = [flow(607, "worker", "db", 5432, **DENIED)]
        write(cluster / "flows.log", [*approved, *once])
        (cluster / "decided.yaml").write_text(decisions(edge="release"))
        assert "NPR971" in watch(run, "--decisions", "decided.yaml")[1]

    def test_a_file_that_is_none_is_a_message(self, drifted, run):
        (drifted / "decided.yaml").write_text("edges: 5\n")
        code, _, err = watch(run, "--decisions", "decided.yaml")
        assert code == 2
        assert "decided.yaml:1" in err


@pytest.mark.usefixtures("approved")
def test_manifests_without_a_report_are_a_message(cluster, run):
    write(cluster / "flows.log", regular("web", "db", 5432))
    code, _, err = run("watch", "flows.log", "--report", "policies", "--quiet")
    assert code == 2
    assert "is no report" in err


class TestDeploy:
    def pods(self):
        documents = list(yaml.safe_load_all((DEPLOY / "watch-cronjob.yaml").read_text()))
        job = next(item for item in documents if item["kind"] == "CronJob")
        return documents, job["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    def test_no_rights_no_root_nothing_writable_but_volumes(self):
        documents, pod = self.pods()
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in (*pod["initContainers"], *pod["containers"]):
            said = container["securityContext"]
            assert said["readOnlyRootFilesystem"] is True
            assert said["allowPrivilegeEscalation"] is False
            assert said["capabilities"] == {"drop": ["ALL"]}
        assert not {item["kind"] for item in documents} & {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}

    def test_its_arguments_are_understood(self, cluster, run, approved):
        _, pod = self.pods()
        write(cluster / "flows.log", approved)
        for container in (*pod["initContainers"], *pod["containers"]):
            given = [
                part.replace("/flows", "flows.log").replace("/approved", "approved").replace("/data/", "")
                if part != "/data/flows.parquet"
                else "flows.parquet"
                for part in container["args"]
            ]
            assert run(*given)[0] == 0, given

    def test_the_image_runs_as_nobody(self):
        text = (DEPLOY / "Dockerfile").read_text()
        assert "\nUSER 65532:65532\n" in text
        assert 'ENTRYPOINT ["netpol-recommend"]' in text
