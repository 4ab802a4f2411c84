"""What is not a capture ends in a clear message or a counted reject: never a traceback, nothing half-written."""

import gzip
import json
import random
import subprocess
import sys

import pytest

FLOW = {
    "time": "2026-03-10T00:00:01.5Z",
    "uuid": "5d1d8a3e-0000-4000-8000-000000000001",
    "verdict": "FORWARDED",
    "IP": {"source": "10.244.0.1", "destination": "10.244.1.2", "ipVersion": "IPv4"},
    "l4": {"TCP": {"source_port": 40000, "destination_port": 5432, "flags": {"SYN": True}}},
    "source": {"ID": 7, "identity": 1001, "namespace": "shop", "pod_name": "web-1",
               "labels": ["k8s:app=web", "k8s:io.kubernetes.pod.namespace=shop"],
               "workloads": [{"name": "web", "kind": "Deployment"}]},
    "destination": {"identity": 1002, "namespace": "shop", "pod_name": "db-1",
                    "labels": ["k8s:app=db", "k8s:io.kubernetes.pod.namespace=shop"]},
    "Type": "L3_L4", "node_name": "demo/node-a", "event_type": {"type": 4, "sub_type": 3}, "is_reply": False,
}  # fmt: skip
GOOD = json.dumps({"flow": FLOW, "node_name": "demo/node-a", "time": FLOW["time"]}).encode() + b"\n"


def spoilt(**changes):
    return json.dumps({"flow": FLOW | {"uuid": "other"} | changes, "node_name": "n"}).encode() + b"\n"


HOSTILE = {
    "empty": b"",
    "binary": random.Random(1).randbytes(200_000),
    "truncated-gzip": gzip.compress(GOOD * 2000, mtime=0)[:-20],
    "deep-nesting": b'{"flow":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n" + GOOD,
    "null-flow": b'{"flow":null}\n' + GOOD,
    "wrong-types": spoilt(source=5) + spoilt(IP="x") + spoilt(l4={"TCP": {"destination_port": "abc"}}) + GOOD,
    "year-1": spoilt(time="0001-01-01T00:00:00Z") + GOOD,
    "invalid-utf8": GOOD.replace(b"web-1", b"we\xff\xfe-1") + GOOD,
    "human-format": b"Mar 10 00:00:01.500: shop/web-1:40000 (ID:1001) -> shop/db-1:5432 (ID:1002) FORWARDED\n",
    "hostile-names": spoilt(source=FLOW["source"] | {"namespace": "../../etc", "pod_name": "a\nb: ["})
        + spoilt(uuid="more", destination=FLOW["destination"] | {"namespace": "a b"})
        + spoilt(uuid="far", IP={"source": "10.244.0.1", "destination": "$(reboot)"}) + GOOD,
    "hostile-text": spoilt(
        source=FLOW["source"] | {"labels": [
            "k8s:app=<img src=x onerror=alert(1)>\n- evil: true", "k8s:io.kubernetes.pod.namespace=shop"]},
        destination_names=["evil\n- a: <img src=x>", "*.example.com"]) + GOOD,
    "absurd-losses": GOOD + 2 * b'{"lost_events":{"num_events_lost":"9223372036854775807"},"node_name":"n"}\n'
        + b'{"lost_events":{"num_events_lost":"9223372036854775807","source":1},"node_name":"n"}\n'
        + b'{"lost_events":{"num_events_lost":"18446744073709551615"},"node_name":"n"}\n',
}  # fmt: skip
UNUSABLE = {"empty", "binary", "human-format"}


def run(*arguments, cwd):
    command = [sys.executable, "-m", "recommender", *arguments]
    environment = {"PYTHONPATH": ":".join(sys.path), "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment, timeout=300)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_main_job_ends_clearly(name, tmp_path):
    (tmp_path / "capture.log").write_bytes(HOSTILE[name])
    result = run("capture.log", "-o", "out", cwd=tmp_path)
    assert "Traceback" not in result.stderr + result.stdout
    if name not in UNUSABLE:
        assert result.returncode == 0, result.stderr
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            "policies",
            "recommendation.json",
            "report.html",
        ]
        view = json.loads((tmp_path / "out" / "recommendation.json").read_text(encoding="utf-8"))
        if name != "hostile-text":
            assert view["capture"]["rejects"], "what could not be read is counted"
    else:
        assert result.returncode in {2, 3}
        assert result.stderr.strip()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["capture.log"]


@pytest.mark.parametrize("flags", [(), ("--granularity", "namespace"), ("--minimum-viable", "--sensitive", "app=db")])
def test_hostile_text_stays_in_its_place(flags, tmp_path):
    (tmp_path / "capture.log").write_bytes(HOSTILE["hostile-text"])
    assert run("capture.log", "-o", "out", *flags, cwd=tmp_path).returncode == 0
    written = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert written == {"capture.log", "out"}
    assert "<img" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_directory_without_captures_is_no_capture(tmp_path):
    (tmp_path / "nothing").mkdir()
    result = run("nothing", cwd=tmp_path)
    assert result.returncode in {2, 3}
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "reports").exists()


def test_strict_stops_at_the_first_unreadable_line(tmp_path):
    (tmp_path / "capture.log").write_bytes(GOOD + HOSTILE["null-flow"])
    result = run("ingest", "capture.log", "-o", "flows.parquet", "--strict", cwd=tmp_path)
    assert result.returncode == 2
    assert "capture.log:2" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capture.log"]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--memory-limit", "much"), "is no memory limit"),
        (("--memory-limit", "1KB"), "do not fit into the memory"),
        (("-o", "capture.log/out"), "the report cannot be written"),
        (("-o", "."), "no earlier report"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_message(flags, words, tmp_path):
    (tmp_path / "capture.log").write_bytes(GOOD)
    run("ingest", "capture.log", "-o", "flows.parquet", cwd=tmp_path)
    result = run("flows.parquet", *flags, cwd=tmp_path)
    assert (result.returncode, "Traceback" in result.stderr) == (2, False)
    assert words in result.stderr
    assert "Try: " in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"capture.log", "flows.parquet"}


def test_a_full_disk_is_said_in_one_message_and_leaves_nothing_half_written(tmp_path):
    """A limit on the size of files stands for the disk: writing beyond it fails as it does on a full one."""
    (tmp_path / "capture.log").write_bytes(GOOD)
    run("ingest", "capture.log", "-o", "flows.parquet", cwd=tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for command, words in (
        (("ingest", "capture.log", "-o", "other.parquet"), "free space on that disk"),
        (("flows.parquet", "-o", "report"), "the report cannot be written"),
    ):
        full = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "
        result = subprocess.run(
            [sys.executable, "-c", full + "runpy.run_module('recommender', run_name='__main__')", *command, "--quiet"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PYTHONPATH": ":".join(sys.path), "TMPDIR": str(tmp_path)},
            check=False,
        )
        assert (result.returncode, "Traceback" in result.stderr) == (2, False), result.stderr
        assert words in result.stderr
        assert sorted(tmp_path.rglob("*")) == before


def test_a_termination_leaves_nothing_behind(tmp_path):
    """Standard input that stays open keeps the program reading, so the signal always comes in time."""
    (tmp_path / "scratch").mkdir()
    environment = {"PYTHONPATH": ":".join(sys.path), "TMPDIR": str(tmp_path / "scratch")}
    command = [sys.executable, "-m", "recommender", "-", "-o", "out"]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, **pipes) as process:
        assert process.stderr.readline() == "ingesting raw Hubble flows\n"
        while not list((tmp_path / "scratch").glob("*/flows.parquet/.ingest")):
            assert process.poll() is None
        process.terminate()
        assert "Interrupted" in process.stderr.read()
    assert process.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["scratch"]
    assert list((tmp_path / "scratch").iterdir()) == []
