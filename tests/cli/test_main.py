import subprocess
import sys

import pytest

from recommender import __version__
from recommender.cli.main import COMMANDS

HEAVY = {
    "pyarrow",
    "duckdb",
    "pandas",
    "numpy",
    "sklearn",
    "scipy",
    "jinja2",
    "rich",
    "yaml",
    "msgspec",
    "isal",
    "zstandard",
}


def run(*arguments, **options):
    command = [sys.executable, "-m", "recommender", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_help_imports_nothing_heavy():
    program = (
        "import sys\n"
        "from recommender.cli.main import netpol_recommend\n"
        "netpol_recommend.main(['--help'], standalone_mode=False)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Least-privilege" in result.stdout
    assert HEAVY.isdisjoint(result.stderr.split())


def test_help_lists_every_command():
    result = run("--help")
    assert result.returncode == 0
    assert all(name in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    result = run(name, "--help")
    assert result.returncode == 0
    assert "Usage: " in result.stdout
    assert result.stdout.split("\n\n")[1].strip()


def test_the_version_is_printed():
    assert __version__ in run("--version").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-file.parquet"], ["no-such-file.parquet"]),
        (["recommend"], ["FLOWS"]),
        (["--no-such-flag", "x"], ["--no-such-flag"]),
    ],
)
def test_a_mistake_is_a_message_and_exit_code_2(arguments, words, tmp_path):
    result = run(*arguments, cwd=tmp_path, env={"PYTHONPATH": ":".join(sys.path)})
    assert result.returncode == 2
    assert all(word in result.stderr for word in words)
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_config_shows_origins(tmp_path):
    (tmp_path / "netpol-recommend.toml").write_text('dialect = "kubernetes"')
    result = run("config", cwd=tmp_path, env={"PYTHONPATH": ":".join(sys.path)})
    assert "kubernetes  (netpol-recommend.toml)" in result.stdout
    assert "(default)" in result.stdout


def test_an_unforeseen_error_is_no_finding_and_no_traceback():
    program = (
        "from recommender.cli import main, config\nconfig.config.callback = lambda **_: {}['missing']\nmain.main()"
    )
    command = [sys.executable, "-c", program, "config"]
    for variables in ({}, {"NETPOL_RECOMMEND_TRACEBACK": "1"}):
        environment = {"PYTHONPATH": ":".join(sys.path)} | variables
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert result.returncode == 2
        assert "internal error: KeyError: 'missing'" in result.stderr
        assert ("Traceback" in result.stderr) == bool(variables)
