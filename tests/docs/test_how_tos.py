"""What the how-tos tell to type works: each line is typed in a folder that holds what it names."""

import gzip
import itertools
import shutil

import pytest

from tests.docs.pages import DEMO, DOCS, Line, fences, lines, typed

PAGES = sorted((DOCS / "how-to").glob("*.md"))
GATES = {"lint", "diff", "verify", "watch"}
RECORDS = 1500
"""Some hours of one node: whether lines work is asked here, not what comes of them."""
CASES = {line.text: line for page in PAGES for fence in fences(page) for line in lines(fence)}


def run(text, folder):
    return typed(Line(text=text, exit_code=0), folder).exit_code


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """One node's flows under every name that the pages use, a report of them, and its manifests."""
    folder = tmp_path_factory.mktemp("how-to")
    with gzip.open(DEMO / "events-control-plane.log.gz", "rb") as whole:
        records = gzip.compress(b"".join(itertools.islice(whole, RECORDS)))
    for place in ("week-45", "week-46", "carried-over", "var-hubble", "."):
        (folder / place).mkdir(exist_ok=True)
        (folder / place / "events-1.log.gz").write_bytes(records)
    shutil.copy(DEMO / "inventory.json", folder)
    shutil.copy(DEMO / "inventory.json", folder / "carried-over")
    (folder / "decisions.yaml").write_text("schema_version: 1\n", encoding="utf-8")
    assert run("netpol-recommend ingest week-45/*.log.gz -o flows.parquet", folder) == 0
    assert run("netpol-recommend flows.parquet --inventory inventory.json -o approved", folder) == 0
    for name in ("staging.parquet", "first-hour.parquet"):
        shutil.copytree(folder / "flows.parquet", folder / name)
    for place in ("k8s", "main/k8s", "branch/k8s"):
        shutil.copytree(folder / "approved" / "policies", folder / place)
    return folder


@pytest.mark.parametrize("line", CASES.values(), ids=CASES)
def test_a_line_works(prepared, tmp_path, line):
    folder = tmp_path / "here"
    shutil.copytree(prepared, folder)
    code = run(line.text.replace("/var/hubble/*.log", "var-hubble/*.log.gz"), folder)
    assert code in ({0, 1} if line.command in GATES or "--fail-on" in line.text else {0})


def test_there_are_lines():
    assert len(CASES) > 15
