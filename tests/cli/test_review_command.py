import http.client
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import recommender
from recommender.report.files import write_report
from tests.cli.test_main import run
from tests.report.sample import sample_recommendation


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    directory = tmp_path_factory.mktemp("review") / "report"
    write_report(sample_recommendation(), directory)
    return directory


def heed_interrupts():
    """Shells let what they run in the background ignore SIGINT, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serves_saves_and_ends_cleanly(report, tmp_path, ending):
    file = tmp_path / "decisions.yaml"
    command = [sys.executable, "-m", "recommender", "review", str(report), "--decisions", str(file)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, preexec_fn=heed_interrupts) as process:  # noqa: PLW1509 - as fork does
        try:
            url = process.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{40,}/", url)
            parts = urlsplit(url)
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
            connection.request("GET", parts.path)
            assert b"served-decisions" in connection.getresponse().read()
            connection.close()
            headers = {"Content-Type": "application/yaml", "If-Match": '""'}
            connection.request("PUT", f"{parts.path}decisions.yaml", b"schema_version: 1\n", headers)
            assert connection.getresponse().read() == b"0 decisions saved to decisions.yaml"
            connection.close()
            process.send_signal(ending)
            said = process.stderr.read()
            assert process.wait() == 0
        finally:
            process.kill()
    assert said.splitlines() == [
        f"Decisions are saved to {file}; Ctrl-C ends the review.",
        "The review has ended.",
    ]
    assert parts.path.strip("/") not in said
    assert file.read_bytes() == b"schema_version: 1\n"


def test_what_is_no_report_is_an_error(tmp_path):
    result = run("review", str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    assert "report.html: cannot be read" in result.stderr
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - nothing was made there


def test_no_other_module_opens_a_socket():
    root = Path(recommender.__file__).parent
    asks = re.compile(
        r"^\s*(?:import|from)\s+(?:socket|socketserver|http|urllib\.request|ssl|asyncio|requests|httpx)\b", re.MULTILINE
    )
    found = {str(path.relative_to(root)) for path in root.rglob("*.py") if asks.search(path.read_text())}
    assert found == {"rollout/serve/server.py", "rollout/serve/session.py"}
