import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recommender.errors import ReportError, UsageError
from recommender.report import exchange
from recommender.report.files import check_directory, replace_directory

FILES = {"recommendation.json": "{}\n", "policies/shop/web.yaml": "kind: x\n"}


def contents(directory):
    return {str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*") if path.is_file()}


def test_a_new_directory_holds_the_files_and_nothing_is_left_beside_it(tmp_path):
    replace_directory(tmp_path / "deep" / "out", FILES)
    assert contents(tmp_path / "deep" / "out") == FILES
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_an_old_report_is_replaced_and_a_persons_files_are_kept(tmp_path):
    replace_directory(tmp_path / "out", FILES | {"policies/shop/old.yaml": "gone\n"})
    (tmp_path / "out" / "decisions.yaml").write_text("mine\n")
    (tmp_path / "out" / "notes").mkdir()
    (tmp_path / "out" / "notes" / "a.txt").write_text("mine too\n")
    replace_directory(tmp_path / "out", FILES)
    assert contents(tmp_path / "out") == FILES | {"decisions.yaml": "mine\n", "notes/a.txt": "mine too\n"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_directory_of_someone_else_is_refused_and_untouched(tmp_path):
    (tmp_path / "precious.txt").write_text("keep\n")
    with pytest.raises(UsageError, match="no earlier report"):
        replace_directory(tmp_path, FILES)
    assert contents(tmp_path) == {"precious.txt": "keep\n"}


def test_a_failure_while_writing_leaves_the_old_report(tmp_path):
    replace_directory(tmp_path / "out", FILES)
    with pytest.raises(UnicodeEncodeError):
        replace_directory(tmp_path / "out", FILES | {"report.html": "\ud800"})
    assert contents(tmp_path / "out") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("file")
    with pytest.raises(UsageError, match="not a directory"):
        replace_directory(tmp_path / "out", FILES)


@pytest.mark.parametrize("offered", [True, False])
def test_the_exchange_leaves_nothing_beside_it(tmp_path, monkeypatch, offered):
    if not offered:
        monkeypatch.setattr(exchange, "_exchanged", lambda _one, _other: False)
    replace_directory(tmp_path / "out", {"recommendation.json": "old\n", "policies/a.yaml": "old\n"})
    replace_directory(tmp_path / "out", FILES)
    assert contents(tmp_path / "out") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_to_the_directory_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "latest").symlink_to("real")
    replace_directory(tmp_path / "latest", FILES)
    assert (tmp_path / "latest").is_symlink()
    assert contents(tmp_path / "real") == FILES


def test_what_a_dead_run_left_is_removed_and_what_a_running_one_holds_is_not(tmp_path):
    for name in (".out.staged-dead", ".out.staged-live", ".other.staged-dead"):
        (tmp_path / name / "policies").mkdir(parents=True)
    lock = os.open(tmp_path / ".out.staged-live", os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        replace_directory(tmp_path / "out", FILES)
    finally:
        os.close(lock)
    assert {path.name for path in tmp_path.iterdir()} == {"out", ".out.staged-live", ".other.staged-dead"}


@pytest.mark.parametrize("failing", ["open", "chmod", "rename"])
def test_a_failing_disk_is_a_message_and_the_old_report_stays(tmp_path, monkeypatch, failing):
    replace_directory(tmp_path / "out", FILES)
    monkeypatch.setattr(exchange, "_exchanged", lambda _one, _other: False)

    def fail(*_arguments, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, failing, fail)
    with pytest.raises(ReportError, match="No space left on device") as caught:
        replace_directory(tmp_path / "out", FILES | {"policies/new.yaml": "new\n"})
    assert caught.value.where == str(tmp_path / "out")
    monkeypatch.undo()
    assert contents(tmp_path / "out") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_directory_is_checked_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "a").write_text("x")
    check_directory(tmp_path / "new" / "out")
    for target, error, message in (
        (tmp_path / "file", UsageError, "not a directory"),
        (tmp_path / "precious", UsageError, "no earlier report"),
        (tmp_path / "file" / "out", ReportError, "Not a directory"),
    ):
        with pytest.raises(error, match=message):
            check_directory(target)
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(ReportError, match="Permission denied"):
        check_directory(tmp_path / "new" / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"file", "precious"}


ENDLESS = """
import sys
from pathlib import Path
from recommender.report.files import replace_directory
number = 0
while True:
    number += 1
    files = {f"policies/{n}.yaml": f"{number}\\n" for n in range(60)}
    replace_directory(Path(sys.argv[1]), files | {"recommendation.json": f"{number}\\n"})
    print(number, flush=True)
"""


@pytest.mark.parametrize("moment", range(4))
def test_a_run_that_is_killed_leaves_a_whole_report(tmp_path, moment):
    command = [sys.executable, "-c", ENDLESS, str(tmp_path / "out")]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        process.stdout.readline()
        time.sleep(0.003 * moment)
        process.send_signal(signal.SIGKILL)
    found = contents(tmp_path / "out")
    assert len(found) == 61
    assert len(set(found.values())) == 1
    replace_directory(tmp_path / "out", FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
