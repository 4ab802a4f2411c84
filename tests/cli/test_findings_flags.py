import json

import pytest
from click.testing import CliRunner

from recommender.cli.main import netpol_recommend
from recommender.errors import UsageError
from tests.pipeline.test_incidents import OWN, QUERIES
from tests.quirks.raw import write


@pytest.fixture(scope="module")
def flows(tmp_path_factory):
    return write(tmp_path_factory.mktemp("flows"), [*QUERIES, *OWN])


def run(flows, directory, *flags):
    command = [str(flows), "-o", str(directory / "report"), "--quiet", *flags]
    return CliRunner().invoke(netpol_recommend, command)


def test_a_threshold_and_what_is_ignored(flows, tmp_path):
    path = tmp_path / "findings.json"
    assert run(flows, tmp_path).exit_code == 0
    assert run(flows, tmp_path, "--fail-on", "medium", "--findings", str(path)).exit_code == 1
    failing = sorted({item["code"] for item in json.loads(path.read_text())["findings"] if item["fails"]})
    assert failing
    ignoring = [flag for code in failing for flag in ("--ignore", code)]
    assert run(flows, tmp_path, "--fail-on", "medium", *ignoring, "--findings", str(path)).exit_code == 0
    told = json.loads(path.read_text())["findings"]
    assert {item["code"] for item in told if item["ignored"]} == set(failing)


def test_several_files_at_once(flows, tmp_path):
    files = [tmp_path / f"findings.{ending}" for ending in ("sarif", "xml", "json", "md", "annotations")]
    assert run(flows, tmp_path, *(part for file in files for part in ("--findings", str(file)))).exit_code == 0
    assert all(file.is_file() for file in files)


@pytest.mark.parametrize("flags", [("--ignore", "401"), ("--findings", "findings.txt"), ("--cni", "flanel")])
def test_mistakes_are_told_before_any_work(flows, tmp_path, flags):
    result = run(flows, tmp_path, *flags)
    assert isinstance(result.exception, UsageError)
    assert not (tmp_path / "report").exists()
