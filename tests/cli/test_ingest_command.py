from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

import recommender.ingest
from recommender.cli import main as command_line
from recommender.cli.ingest import ingest
from recommender.cli.progress import BarProgress, LineProgress, QuietProgress, progress_from
from recommender.errors import NoUsableFlowsError, SourceError, StoreError, StrictError, UsageError
from recommender.store import open_dataset
from tests.store.rows import batch, endpoint, event, flow, reject

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class FakeSource:
    name: str
    size: int = 1_000_000


@pytest.fixture
def decoded(monkeypatch):
    """Batches that the decoder gives, whatever it is asked to read; and how it was asked."""
    batches, asked = [], []

    class Reader:
        def __init__(self, sources, *, strict=False, jobs=1):
            self.asked = (tuple(source.name for source in sources), strict)
            assert jobs >= 1

        def batches(self, known):
            assert known == []
            asked.append(self.asked)
            yield from batches

    monkeypatch.setattr(recommender.ingest, "CaptureReader", Reader)
    monkeypatch.setattr(
        recommender.ingest, "expand_sources", lambda names, **_options: tuple(FakeSource(name) for name in names)
    )
    return batches, asked


def run(*arguments):
    return CliRunner().invoke(ingest, [str(argument) for argument in arguments])


def test_a_dataset_is_written_and_summed_up(tmp_path, decoded):
    batches, asked = decoded
    batches += [
        batch(
            [flow(number, source_endpoint=1) for number in (0, 1, 2, 3, 3)],
            endpoints=[endpoint(1, namespace="shop")],
            events=[event(1, count=7), event(2, "agent_event")],
            rejects=[reject(12), reject(3)],
        )
    ]
    output = tmp_path / "flows.parquet"
    result = run("a.log", "b.log", "-o", output, "--strict")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        f"{output}: 4 flows (4 new; 5 read, 1 repeats)\n"
        "  window    2026-09-21 14:13:20Z to 2026-09-21 14:13:23Z (3.0 seconds)\n"
        "  nodes     1: node-a\n"
        "  verdicts  1 policy verdicts, 25.0% of the flows\n"
        "  lost      7 events lost before they could be exported\n"
        "  others    agent_event 1\n"
        "  rejects   2 records that could not be read\n"
        "            2 not-json, first at flows.log:3, flows.log:12\n"
    )
    assert result.stderr == "reading flows (2.0 MB)\nremoving repeats and writing\n"
    assert asked == [(("a.log", "b.log"), True)]
    assert open_dataset(output).total_flows == 4


def test_quiet_says_nothing_on_stderr(tmp_path, decoded):
    decoded[0].append(batch([flow(1)]))
    result = run("-", "-o", tmp_path / "f", "-q")
    assert (result.exit_code, result.stderr) == (0, "")


def test_selection_flags_reach_the_store(tmp_path, decoded):
    decoded[0].append(batch([flow(number, node=f"node-{number % 2}") for number in range(5)]))
    result = run("x", "-o", tmp_path / "f", "--single-file", "--not", "--node-name", "node-0", "--since", "2s")
    assert "  left out  4 flows by the selection flags\n" in result.stdout
    dataset = open_dataset(tmp_path / "f")
    assert (dataset.single_file, dataset.total_flows) == (True, 1)


def test_text_from_captures_cannot_steer_the_terminal(tmp_path, decoded):
    hostile = "\x1b[31mnode\n"
    decoded[0].append(
        batch([flow(1, node=hostile)], rejects=[reject(1, file=hostile)], events=[event(1, f"kind{hostile}")])
    )
    result = run("x", "-o", tmp_path / "f")
    assert "\x1b" not in result.stdout
    assert r"nodes     1: \x1b[31mnode\n" in result.stdout


def test_many_nodes_are_cut_short(tmp_path, decoded):
    decoded[0].append(batch([flow(number, node=f"node-{number:02}") for number in range(20)]))
    assert "nodes     20: node-00, " in (output := run("x", "-o", tmp_path / "f").stdout)
    assert "node-07 and 12 more\n" in output


def test_no_flows_at_all_is_exit_code_3_with_a_dataset_of_rejects(tmp_path, decoded):
    decoded[0].append(batch(rejects=[reject(1)]))
    result = run("x", "-o", tmp_path / "f")
    assert isinstance(result.exception, NoUsableFlowsError)
    assert result.exception.exit_code == 3
    assert "0 flow records, 0 of them deselected, 1 unreadable" in str(result.exception)
    assert "1 record that could not be read" in result.stdout
    assert open_dataset(tmp_path / "f").total_flows == 0


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--verdict", "AUDITED"], UsageError),
        (["-o", "-"], UsageError),
        (["-o", ROOT], StoreError),
    ],
)
def test_errors_are_raised_for_the_group_to_print(tmp_path, decoded, arguments, error):
    result = run("x", "-o", tmp_path / "f", *arguments)
    assert isinstance(result.exception, error)
    assert result.exception.exit_code == 2
    assert list(tmp_path.iterdir()) == []
    assert decoded[1] == []


@pytest.mark.parametrize("error", [SourceError("broken", where="a.log"), StrictError("line 7", where="a.log")])
@pytest.mark.usefixtures("decoded")
def test_a_decoder_error_leaves_nothing_behind(tmp_path, monkeypatch, error):
    def batches(_reader, _known):
        yield batch([flow(1)])
        raise error

    monkeypatch.setattr(recommender.ingest.CaptureReader, "batches", batches)
    assert run("a.log", "-o", tmp_path / "f").exception is error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [[], ["x"], ["-o", "f"], ["x", "-o", "f", "--colour", "red"]])
def test_usage_errors_are_exit_code_2(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage: " in result.stderr


def test_help_has_an_example_and_the_exit_codes():
    text = run("--help").output
    assert "netpol-recommend ingest events-*.log.gz -o flows.parquet" in text
    assert "3 no usable flows" in text


@pytest.mark.usefixtures("decoded")
def test_the_group_prints_the_error_without_a_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["netpol-recommend", "ingest", "x", "-o", str(tmp_path / "f"), "-q"])
    with pytest.raises(SystemExit) as ending:
        command_line.main()
    assert ending.value.code == 3
    assert capsys.readouterr().err.startswith("Error: x: no flow was stored")


def test_help_imports_nothing_heavy():
    code = (
        "import sys, recommender.cli.ingest as command\n"
        "from click.testing import CliRunner\n"
        "assert CliRunner().invoke(command.ingest, ['--help']).exit_code == 0\n"
        "print(sorted({'duckdb', 'pyarrow', 'pandas', 'rich'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_a_bar(monkeypatch, no_color, coloured):
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "200", "NO_COLOR": no_color}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with progress_from({}) as progress:
        assert isinstance(progress, BarProgress)
        progress.stage("reading flows", total_bytes=200)
        progress.batch(batch([flow(1), flow(2)], rejects=[reject(1)], bytes_read=150))
        progress.stage("[bold]writing")
    text = stderr.getvalue()
    assert "reading flows" in text
    assert "[bold]writing" in text
    assert "1 rejects" in text
    assert ("\x1b[38;5" in text or "\x1b[3" in text) == coloured


def test_elsewhere_a_line_a_stage(monkeypatch):
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    with progress_from({"quiet": False}) as progress:
        assert isinstance(progress, LineProgress)
        progress.stage("reading flows", total_bytes=2_500_000)
        progress.batch(batch([flow(1)]))
        progress.stage("writing")
    assert stderr.getvalue() == "reading flows (2.5 MB)\nwriting\n"


def test_quiet_progress_is_silent(capsys):
    with progress_from({"quiet": True}) as progress:
        assert isinstance(progress, QuietProgress)
        progress.stage("reading flows")
        progress.batch(batch([flow(1)]))
    assert capsys.readouterr() == ("", "")
