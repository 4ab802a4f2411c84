"""Do we agree with Cilium's own engine and with Cyclonus' matcher? The runner asks everything, the tests a fifth."""

import json
from pathlib import Path

import pytest

from tests.conformance.__main__ import main
from tests.conformance.scenarios import DATA, compare

DEFAULT_DENY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: a}
spec: {podSelector: {}}
"""
SCENARIO = {
    "Name": "own-1",
    "Policies": [DEFAULT_DENY],
    "Namespaces": {"a": {}},
    "Pods": [{"name": "x", "namespace": "a", "labels": {}}, {"name": "y", "namespace": "a", "labels": {}}],
    "Queries": [{"From": "a/x", "To": "a/y", "Proto": "TCP", "Port": 80, "Egress": "allowed", "Ingress": "denied"}],
}


def data_file(name: str) -> Path:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"conformance data is not here: {path}")
    return path


@pytest.mark.parametrize(
    ("name", "every", "least"),
    [
        ("cilium-dev.ndjson.gz", 5, 15_000),
        ("cyclonus.ndjson.gz", 5, 20_000),
        ("cilium-invalid-dev.ndjson.gz", 1, 300),
    ],
)
def test_every_answer_is_the_same(name, every, least):
    tally = compare(data_file(name), every=every)
    assert tally.differences == ()
    assert tally.agreed == tally.asked > least


def test_the_runner_reports_agreement(tmp_path, capsys):
    path = tmp_path / "own.ndjson"
    path.write_text(json.dumps(SCENARIO) + "\n", encoding="utf-8")
    assert main([str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: agree 1 of 1\n"


def test_the_runner_shows_each_difference_and_fails(tmp_path, capsys):
    query = {**SCENARIO["Queries"][0], "Ingress": "allowed", "IngressRedirect": True}
    path = tmp_path / "own.ndjson"
    path.write_text(json.dumps({**SCENARIO, "Queries": [query]}) + "\n", encoding="utf-8")
    assert main([str(path)]) == 1
    shown = capsys.readouterr().out
    assert "a/x -> a/y TCP/80: theirs allowed / allowed redirect, ours allowed / denied" in shown
    assert shown.endswith("agree 0 of 1\n")


def test_the_runner_compares_validity(tmp_path, capsys):
    row = {"Name": "bad", "Kind": "NetworkPolicy", "Valid": True, "Policy": "kind: NetworkPolicy\n"}
    path = tmp_path / "validity.ndjson"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert main([str(path)]) == 1
    assert "theirs valid, ours invalid" in capsys.readouterr().out


def test_the_runner_wants_files(capsys):
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
