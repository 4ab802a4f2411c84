"""The suite as written, run by its own runner against local sockets through a kubectl that runs Jobs here."""

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from recommender.model.edge import Protocol
from recommender.rollout.reachability.files import suite_files
from recommender.rollout.reachability.matrix import Check, Matrix, Source, Target

KUBECTL = Path(__file__).with_name("kubectl.py")
NC = """\
#!{python}
import os, socket, sys
*flags, host, port = sys.argv[1:]
if os.path.exists(port_of := os.path.join(os.path.dirname(__file__), "udp-" + port)):
    port = open(port_of).read()
if "-u" in flags:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(1)
        asking.sendto(sys.stdin.buffer.read(), (host, int(port)))
        try:
            sys.stdout.buffer.write(asking.recv(512))
        except OSError:
            sys.exit(1)
    sys.exit(0)
try:
    socket.create_connection((host, int(port)), timeout=2).close()
except OSError:
    sys.exit(1)
"""


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def pods(*addresses, owner="web-1"):
    return json.dumps(
        {"items": [{"metadata": {"ownerReferences": [{"name": owner}]}, "status": {"podIP": a}} for a in addresses]}
    )


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def shut():
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def suite(tmp_path):
    state = tmp_path / "state"
    executable(state / "bin" / "nc", NC.format(python=sys.executable))
    kubectl = executable(tmp_path / "kubectl", f"#!{sys.executable}\n{KUBECTL.read_text()}")
    (state / "pods.json").write_text(pods("127.0.0.1"))
    folder = tmp_path / "suite"

    def run(*checks, arguments=(), program=("reachability.py",)):
        for name, text in suite_files(made(*checks)).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        environment = {**os.environ, "FAKE_KUBECTL_STATE": str(state), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        given = [sys.executable, *program, *arguments]
        return subprocess.run(given, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    run.state, run.folder, run.kubectl = state, folder, kubectl
    return run


@pytest.fixture
def answering():
    """A UDP port that answers whoever asks, and what it was asked."""
    asked = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        ends = threading.Event()

        def serve():
            while not ends.is_set():
                try:
                    data, client = server.recvfrom(512)
                except TimeoutError:
                    continue
                asked.append(data)
                server.sendto(data[:2] + b"\x81\x80", client)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], asked
        ends.set()
        thread.join()


def made(*checks):
    source = Source(
        name="shop/Deployment/web", namespace="shop", labels=(("app", "web"),), service_account="default", checks=checks
    )
    return Matrix(sources=(source,), untested=())


def check(port, *, allowed, host="127.0.0.1", protocol=Protocol.TCP):
    labels = () if host else (("app", "db"),)
    target = Target(text=f"ip:{host}" if host else "shop/db", host=host, namespace="shop", labels=labels)
    name = f"web {'may' if allowed else 'may-not'} {target.text} {protocol.value}/{port}"
    return Check(
        check_id=name,
        source="shop/Deployment/web",
        target=target,
        port=port,
        allowed=allowed,
        why="needed",
        protocol=protocol,
    )


def calls(suite):
    return [json.loads(line) for line in (suite.state / "calls").read_text().splitlines()]


def test_all_as_expected(suite, listening, shut):
    ended = suite(check(listening, allowed=True), check(shut, allowed=False), arguments=["--junit", "out.xml"])
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("2 checks, 0 failed, 0 skipped\n")
    report = ET.fromstring((suite.folder / "out.xml").read_text())  # noqa: S314 - our own text
    assert (report.get("tests"), report.get("failures"), report.get("skipped")) == ("2", "0", "0")
    assert [call[0] for call in calls(suite)] == ["apply", "wait", "logs", "delete"]


def test_what_passes_and_must_not_fails(suite, listening):
    ended = suite(
        check(listening, allowed=True), check(listening, allowed=False, host=""), arguments=["--junit", "out.xml"]
    )
    assert ended.returncode == 1
    (failure,) = ET.fromstring((suite.folder / "out.xml").read_text()).iter("failure")  # noqa: S314 - our own text
    assert "passes and must not" in failure.get("message")


def test_what_must_pass_and_does_not_fails(suite, shut):
    ended = suite(check(shut, allowed=True))
    assert ended.returncode == 1
    assert "FAIL web may ip:127.0.0.1" in ended.stdout


def test_a_pod_that_reaches_nothing_proves_nothing(suite, shut):
    ended = suite(check(shut, allowed=False))
    assert ended.returncode == 0
    assert ended.stdout.endswith("1 checks, 0 failed, 1 skipped\n")


def test_addresses_of_pods_are_looked_up(suite, listening):
    ended = suite(check(listening, allowed=True, host=""))
    assert ended.returncode == 0, ended.stderr
    asked = calls(suite)[0]
    assert asked[:6] == ["get", "pods", "-n", "shop", "-l", "app=db"]


@pytest.mark.parametrize("found", [pods(), pods("127.0.0.1", owner="netpol-reachability-003")])
def test_a_target_without_pods_is_skipped(suite, listening, found):
    (suite.state / "pods.json").write_text(found)
    ended = suite(check(listening, allowed=True), check(listening, allowed=False, host=""))
    assert ended.returncode == 0
    assert "skip web may-not shop/db" in ended.stdout
    assert "no running pod of the target" in ended.stdout


def test_an_address_that_is_none_goes_nowhere(suite, listening):
    (suite.state / "pods.json").write_text(pods("$(reboot)"))
    ended = suite(check(listening, allowed=True, host=""))
    assert ended.returncode == 2
    assert "apply" not in [call[0] for call in calls(suite)]


def test_a_job_that_does_not_end_is_an_error_and_is_deleted(suite, listening):
    (suite.state / "never-completes").touch()
    ended = suite(check(listening, allowed=True))
    assert ended.returncode == 2
    assert "timed out" in ended.stderr
    assert calls(suite)[-1][0] == "delete"


def test_other_sources_are_left_out(suite, listening):
    assert "0 checks" in suite(check(listening, allowed=True), arguments=["--only", "payments/"]).stdout


def test_by_pytest_too(suite, listening, shut):
    ended = suite(
        check(listening, allowed=True), check(shut, allowed=True),
        program=("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "test_reachability.py"),
    )  # fmt: skip
    assert ended.returncode == 1
    assert "1 failed, 1 passed" in ended.stdout


def test_hostile_names_stay_text(suite, listening):
    target = Target(text="fqdn:x</testcase>\x1b[31m\u202e", host="127.0.0.1", namespace="", labels=())
    hostile = Check(
        check_id=f"web may {target.text}", source="s", target=target, port=listening, allowed=True, why="needed"
    )
    ended = suite(hostile, arguments=["--junit", "out.xml"])
    assert ended.returncode == 0
    assert "\x1b" not in ended.stdout
    assert "\u202e" not in ended.stdout
    assert len(list(ET.fromstring((suite.folder / "out.xml").read_text()).iter("testcase"))) == 1  # noqa: S314 - our own


class TestUdp:
    """Port 53 and 123 lead to a port that anybody may listen on."""

    @pytest.mark.parametrize(
        ("port", "first", "length"), [(53, b"\x12\x34\x01\x00", 54), (123, b"\x23\x00\x00\x00", 48)]
    )
    def test_servers_are_asked_in_their_protocol(self, suite, answering, port, first, length):
        (suite.state / "bin" / f"udp-{port}").write_text(str(answering[0]))
        ended = suite(check(port, allowed=True, protocol=Protocol.UDP))
        assert ended.returncode == 0, ended.stdout
        (asked,) = answering[1]
        assert asked.startswith(first)
        assert len(asked) == length

    def test_the_question_is_sound(self, suite, answering):
        (suite.state / "bin" / "udp-53").write_text(str(answering[0]))
        suite(check(53, allowed=True, protocol=Protocol.UDP))
        name = b"\x0akubernetes\x07default\x03svc\x07cluster\x05local\x00"
        assert answering[1][0] == b"\x12\x34\x01\x00\x00\x01" + bytes(6) + name + b"\x00\x01\x00\x01"

    def test_an_answer_that_must_not_come_fails(self, suite, answering, listening):
        (suite.state / "bin" / "udp-53").write_text(str(answering[0]))
        ended = suite(check(listening, allowed=True), check(53, allowed=False, protocol=Protocol.UDP))
        assert ended.returncode == 1
        assert "FAIL web may-not ip:127.0.0.1 UDP/53" in ended.stdout

    def test_silence_proves_nothing(self, suite, shut, listening):
        (suite.state / "bin" / "udp-53").write_text(str(shut))
        ended = suite(check(listening, allowed=True), check(53, allowed=False, protocol=Protocol.UDP))
        assert ended.returncode == 0
        assert "skip web may-not ip:127.0.0.1 UDP/53 nothing came back" in ended.stdout

    def test_silence_where_an_answer_must_come_fails(self, suite, shut):
        (suite.state / "bin" / "udp-53").write_text(str(shut))
        assert suite(check(53, allowed=True, protocol=Protocol.UDP)).returncode == 1


def test_several_clusters_are_tried_one_at_a_time(suite, listening, monkeypatch):
    one = made(check(listening, allowed=True)).sources[0]
    both = tuple(replace(one, name=f"{name}/{one.name}", cluster=name) for name in ("east", "west"))
    monkeypatch.setattr(sys.modules[__name__], "made", lambda *_: Matrix(sources=both, untested=()))
    ended = suite()
    assert ended.returncode == 2
    assert "--only east/" in ended.stderr
    ended = suite(arguments=("--only", "west/"))
    assert ended.returncode == 0, ended.stderr
    assert "1 checks, 0 failed" in ended.stdout
