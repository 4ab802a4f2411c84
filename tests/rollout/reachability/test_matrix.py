import json

import pytest
import yaml
from click.testing import CliRunner

from recommender import recommend, write_report
from recommender.cli.main import netpol_recommend
from recommender.errors import UsageError
from recommender.judging import explain_connection
from tests.pipeline.conftest import DEMO


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reachability")
    write_report(recommend(sorted(DEMO.glob("*.log.gz")), inventory=DEMO / "inventory.json"), folder / "demo")
    result = CliRunner().invoke(netpol_recommend, ["reachability-tests", str(folder / "demo")])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def matrix(written):
    return json.loads((written / "demo-reachability" / "matrix.json").read_text())


def checks(matrix):
    return [(source, check) for source in matrix["sources"] for check in source["checks"]]


def test_every_kind_of_target_is_there(matrix):
    why = {check["why"] for _, check in checks(matrix)}
    assert why >= {"needed", "sibling", "other namespace", "quarantined", "metadata service"}
    assert matrix["counts"]["allowed"] > 30
    assert any(check["protocol"] == "UDP" and check["port"] == 53 for _, check in checks(matrix))


def test_every_edge_is_tried_or_has_a_reason(written, matrix):
    edges = json.loads((written / "demo" / "recommendation.json").read_text())["edges"]
    tried = {f"{source['name']} -> {check['target']} {check['protocol']}/{check['port']}"
             for source, check in checks(matrix)}  # fmt: skip
    told = {item["what"]: item["reason"] for item in matrix["untested"]}
    keys = {edge["key"] for edge in edges}
    assert keys <= tried | told.keys()
    assert not tried & told.keys()
    assert all(told.values())
    udp = {key: told[key] for key in told if "UDP/" in key and not key.endswith(("/53", "/123"))}
    assert udp
    assert any("silence" in reason for reason in udp.values())


def test_the_same_service_of_another_environment_must_not_be_reached(matrix):
    pairs = {(source["name"], check["target"]): check for source, check in checks(matrix)}
    dev = pairs["shop-dev/Deployment/web", "shop/Deployment/cart"]
    assert (dev["expect"], dev["why"]) == ("shut", "other environment")


def test_expectations_are_the_evaluators(written, matrix):
    """Spot checks through `explain`, beside the code that made them."""
    inventory = [DEMO / "inventory.json"]
    asked = [(s, c) for s, c in checks(matrix) if c["why"] in {"sibling", "other environment"}][::17]
    assert len(asked) > 5
    for source, check in asked:
        found = explain_connection(
            written / "demo" / "policies", source["name"], check["target"], f"{check['port']}/TCP",
            inventory=inventory, report=written / "demo" / "recommendation.json",
        )  # fmt: skip
        assert found.allowed is (check["expect"] == "open"), check["id"]


def test_jobs_cannot_harm_and_get_no_traffic(written, matrix):
    for source in matrix["sources"]:
        job = yaml.safe_load((written / "demo-reachability" / source["job"]).read_text())
        assert (job["metadata"]["name"], job["metadata"]["namespace"]) == (source["job_name"], source["namespace"])
        template = job["spec"]["template"]
        assert template["metadata"]["labels"] == source["labels"]
        pod = template["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["readinessProbe"] == {"exec": {"command": ["false"]}}
        lines = container["env"][0]["value"].splitlines()
        assert [line.split()[2] for line in lines] == [c["host"] or c["token"] for c in source["checks"]]


def test_the_runner_needs_nothing_but_python(written):
    text = (written / "demo-reachability" / "reachability.py").read_text()
    assert "recommender" not in text


def test_most_limits_each_source(written):
    target = str(written / "few")
    result = CliRunner().invoke(
        netpol_recommend, ["reachability-tests", str(written / "demo"), "-o", target, "--most", "2"]
    )
    assert result.exit_code == 0
    found = json.loads((written / "few" / "matrix.json").read_text())
    for source in found["sources"]:
        for expect in ("open", "shut"):
            assert sum(check["expect"] == expect for check in source["checks"]) <= 2


def test_manifests_alone_are_no_report(tmp_path):
    (tmp_path / "p.yaml").write_text(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: {}\n"
    )
    result = CliRunner().invoke(netpol_recommend, ["reachability-tests", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
