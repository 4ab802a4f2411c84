import json

import pytest
from click.testing import CliRunner

from recommender.cli.main import netpol_recommend
from recommender.errors import UsageError
from tests.simulator import random_cluster, simulate


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    path = tmp_path_factory.mktemp("levels") / "events.log"
    simulation = simulate(random_cluster(5, "tiny"), days=0.4, seed=5, events="sparse")
    path.write_text("\n".join(simulation.lines()) + "\n", encoding="utf-8")
    return path


def run(capture, directory, *flags):
    arguments = ["recommend", str(capture), "-o", str(directory / "out"), "--quiet", *flags]
    result = CliRunner().invoke(netpol_recommend, arguments)
    return result, directory / "out"


def view_of(output):
    return json.loads((output / "recommendation.json").read_text(encoding="utf-8"))


def test_flags_reach_the_run_and_the_report(capture, tmp_path):
    result, output = run(
        capture, tmp_path, "--granularity", "namespace", "--sensitive", "ns-0,ns-1", "--sensitive", "kube-system"
    )
    assert result.exit_code == 0, result.output
    view = view_of(output)
    shown = {item["name"]: (item["value"], item["origin"]) for item in view["settings"]}
    assert shown["granularity"] == ("namespace", "--granularity")
    assert shown["sensitive"] == ("kube-system, ns-0, ns-1", "--sensitive")
    assert {group["namespace"] for group in view["groups"] if group["sensitive"]} == {"kube-system", "ns-0", "ns-1"}
    assert any(group["origin"] == "namespace" for group in view["groups"])


def test_the_starter_set_replaces_the_policies(capture, tmp_path):
    result, output = run(capture, tmp_path, "--minimum-viable", "--dialect", "kubernetes")
    assert result.exit_code == 0, result.output
    numbers = {path.name[0] for path in (output / "policies").rglob("*.yaml") if path.name != "kustomization.yaml"}
    assert numbers >= {"1", "2", "3", "5", "6"}
    assert numbers <= set("1234567")
    origins = {item["name"]: item["origin"] for item in view_of(output)["settings"]}
    assert origins["granularity"] == "implied by --minimum-viable"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--sensitive", "monitorin"), "did you mean `monitoring`?"),
        (("--minimum-viable", "--granularity", "workload"), "`workload` contradicts the starter set"),
        (("--minimum-viable", "--baselines", "shared"), "`shared` contradicts the starter set"),
    ],
)
def test_what_cannot_be_obeyed_is_said_and_nothing_is_written(capture, tmp_path, flags, said):
    result, output = run(capture, tmp_path, *flags)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert not output.exists()
