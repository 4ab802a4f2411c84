"""What the README and the API page tell a newcomer to type works as it stands there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data" / "demo"
README, API = (ROOT / name for name in ("README.md", "docs/api.md"))


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def commands():
    """The program's own lines of the README's shell blocks, without their comments."""
    lines = "".join(blocks(README, "sh")).splitlines()
    return [line.split("  #")[0].rstrip() for line in lines if line.startswith("netpol-recommend ")]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder in which the README's commands have been typed, over two nodes of the demo capture."""
    folder = tmp_path_factory.mktemp("newcomer")
    for name in ("events-control-plane.log.gz", "events-worker4.log.gz", "inventory.json"):
        shutil.copy(DEMO / name, folder)
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"}
    for command in commands():
        typed = command.replace("netpol-recommend", f"{sys.executable} -m recommender", 1)
        subprocess.run(typed, shell=True, cwd=folder, env=environment, check=True, capture_output=True)  # noqa: S602
    return folder


def test_the_commands_leave_what_the_readme_says(place):
    assert len(commands()) == 5
    assert sorted(path.name for path in (place / "reports" / "week-46").iterdir()) == [
        "policies",
        "quarantine",
        "recommendation.json",
        "report.html",
    ]
    assert (place / "flows.parquet" / "manifest.json").is_file()


@pytest.mark.parametrize(
    "code", [pytest.param(code, id=page.name) for page in (README, API) for code in blocks(page, "python")]
)
def test_the_python_examples_run(place, monkeypatch, capsys, code):
    monkeypatch.chdir(place)
    exec(compile(code, "example", "exec"), {})  # noqa: S102 - the code is ours
    if "print" in code:
        assert capsys.readouterr().out.strip()
