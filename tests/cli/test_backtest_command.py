import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from recommender.cli.main import netpol_recommend
from recommender.errors import NoUsableFlowsError
from recommender.report import view_schema

DEMO = Path(__file__).parents[2] / "data" / "demo"
FLOWS = [str(path) for path in sorted(DEMO.glob("*.log.gz"))]
INVENTORY = ["--inventory", str(DEMO / "inventory.json")]


@pytest.fixture(scope="module")
def told():
    result = CliRunner().invoke(netpol_recommend, ["backtest", *FLOWS, *INVENTORY, "--format", "json", "--quiet"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_is_the_part_of_the_report(told):
    schema = view_schema()
    part = schema["properties"]["backtest"] | {"$defs": schema["$defs"]}
    jsonschema.Draft202012Validator(part).validate(told)
    assert told["learned_days"] == 2
    assert told["tested_days"] == 1.0
    assert told["later_needed"] > 50
    assert len(told["discovery"]) == 3
    assert sum(told["discovery"]) > told["discovery"][0]


def test_text_tells_denials_rules_reliability_bounds_and_discovery():
    result = CliRunner().invoke(netpol_recommend, ["backtest", *FLOWS, *INVENTORY, "--quiet"])
    assert result.exit_code == 0
    for part in (
        "learned on 2 days until 2026-03-12",
        "false denials: ",
        "unused rules: ",
        "bounds of unseen activity (95 %) kept: ",
        "new needed edges: ",
        "policies that deny something needed: 35",
        "allowed edges seen again: ",
        "Brier ",
        "needed edges seen for the first time",
    ):
        assert part in result.stdout


def test_limits_are_those_of_the_main_job(told, tmp_path):
    limits = ["--memory-limit", "1GiB", "--spill-directory", str(tmp_path), "--jobs", "1"]
    again = CliRunner().invoke(
        netpol_recommend, ["backtest", *FLOWS, *INVENTORY, *limits, "--format", "json", "--quiet"]
    )
    assert json.loads(again.stdout) == told
    assert not list(tmp_path.iterdir())
    absent = ["--spill-directory", str(tmp_path / "absent")]
    result = CliRunner().invoke(netpol_recommend, ["backtest", *FLOWS, *absent, "--quiet"])
    assert "no place for temporary files" in str(result.exception)


def test_a_window_of_a_day_cannot_be_cut():
    result = CliRunner().invoke(netpol_recommend, ["backtest", *FLOWS, "--until", "2026-03-11T00:00:00Z", "--quiet"])
    assert isinstance(result.exception, NoUsableFlowsError)
    assert "cannot be cut" in str(result.exception)
    assert result.exception.exit_code == 3
