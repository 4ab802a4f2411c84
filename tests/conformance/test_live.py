import json
import os
import sys

import pytest

from tests.conformance.live import main
from tests.conformance.random_scenarios import main as write_scenarios

PROGRAM = """#!{python}
import json, sys
for line in sys.stdin:
    scenario = json.loads(line)
    for query in scenario["Queries"]:
        query["Egress"] = query["Ingress"] = "allowed"
    {answer}
"""


@pytest.fixture
def engine(tmp_path):
    def make(answer):
        path = tmp_path / "engine"
        path.write_text(PROGRAM.format(python=sys.executable, answer=answer), encoding="utf-8")
        os.chmod(path, 0o755)  # noqa: PTH101, S103 - a program of ours in a directory of ours
        return ["--engine", str(path), "--count", "3"]

    return make


def test_differences_are_shown_and_fail(engine, capsys, tmp_path):
    kept = tmp_path / "kept.ndjson.gz"
    assert main([*engine("print(json.dumps(scenario))"), "--seed", "5", "--keep", str(kept)]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("seed 5, 3 scenarios\n")
    assert "theirs allowed / allowed, ours" in shown
    assert shown.splitlines()[-1].startswith("agree ")
    assert kept.stat().st_size > 0


def test_an_engine_that_does_not_answer_is_no_agreement(engine, capsys):
    assert main(engine("pass")) == 2
    assert main(engine("sys.exit(3)")) == 2
    assert "failed with 3" in capsys.readouterr().err


def test_scenarios_are_written_as_json_lines(capsys):
    assert write_scenarios(["--seed", "1", "--count", "2"]) == 0
    names = [json.loads(line)["Name"] for line in capsys.readouterr().out.splitlines()]
    assert names == ["random-1-0000", "random-1-0001"]
