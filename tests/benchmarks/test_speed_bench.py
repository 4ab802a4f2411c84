import gzip
import sys
from dataclasses import replace

import pytest
import zstandard

from benchmarks.captures import make_capture
from benchmarks.growth import PERIOD_NS, exponent, repeated
from benchmarks.measure import Measured, Usage, measure, run_once
from benchmarks.table import render
from benchmarks.verdicts import main as verdicts
from benchmarks.yardsticks import Yardstick
from benchmarks.yardsticks import main as yardstick
from recommender.ingest import decode, expand_sources
from recommender.model.selection import Selection
from recommender.store import write_flows


def test_a_process_is_measured_by_its_own_cpu_and_memory(tmp_path):
    code = (
        "import time; x = bytearray(60_000_000); end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    )
    usage = run_once([sys.executable, "-c", code], quiet=tmp_path / "out")
    assert usage.cpu >= 0.2
    assert usage.wall >= 0.2
    assert 55 < usage.peak < 5000


def test_the_memory_of_all_processes_counts(tmp_path):
    child = "import time; x = bytearray(60_000_000); time.sleep(1)"
    run = f"subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    code = f"import subprocess, sys; x = bytearray(60_000_000); {run}"
    assert run_once([sys.executable, "-c", code], quiet=tmp_path / "out").peak > 115


def test_stored_flows_are_repeated_later_under_ids_of_their_own(tmp_path):
    capture = make_capture(tmp_path, 2000)
    batches = list(decode(expand_sources([str(capture.plain)])))
    once = write_flows(batches, tmp_path / "once.parquet", selection=Selection())
    again = write_flows(repeated(batches, 3 * once.total_flows), tmp_path / "again.parquet", selection=Selection())
    assert again.total_flows == 3 * once.total_flows
    assert again.last_seen - once.last_seen == 2 * PERIOD_NS
    assert (again.first_seen, again.nodes) == (once.first_seen, once.nodes)


def test_growth_is_a_power_of_the_rows():
    one = Measured(name="", flows=10, unpacked=0, median=Usage(wall=1, cpu=2, peak=1), slowest=1, fastest=1)
    assert exponent(one, replace(one, flows=40, median=replace(one.median, cpu=4))) == pytest.approx(0.5)


def test_a_command_that_fails_is_no_measurement(tmp_path):
    with pytest.raises(RuntimeError, match="exited with 3: no luck"):
        run_once([sys.executable, "-c", "import sys; print('no luck'); sys.exit(3)"], quiet=tmp_path / "out")


def test_outputs_are_cleared_before_every_run(tmp_path):
    cleared = []
    command = [sys.executable, "-c", "pass"]
    found = measure("x", command, runs=2, quiet=tmp_path / "out", prepare=lambda: cleared.append(1), flows=10)
    assert len(cleared) == 3
    assert found.fastest <= found.median.wall <= found.slowest


def test_a_capture_has_exactly_so_many_lines_in_three_forms_and_is_made_once(tmp_path):
    capture = make_capture(tmp_path, 2000)
    data = capture.plain.read_bytes()
    assert data.count(b"\n") == 2000
    assert gzip.decompress(capture.gzip.read_bytes()) == data
    assert zstandard.ZstdDecompressor().decompress(capture.zstd.read_bytes()) == data
    capture.plain.write_bytes(b"kept")
    assert make_capture(tmp_path, 2000).plain.read_bytes() == b"kept"


def test_yardsticks_go_over_the_whole_file(tmp_path):
    capture = make_capture(tmp_path, 2000)
    assert yardstick(Yardstick.READ, capture.plain) == yardstick(Yardstick.INFLATE, capture.gzip) == capture.unpacked
    assert yardstick(Yardstick.SPLIT, capture.plain) == 2000
    assert 1900 < yardstick(Yardstick.MSGSPEC, capture.plain) <= 2000


def test_yardsticks_agree_on_what_is_json(tmp_path):
    pytest.importorskip("simdjson", reason="pysimdjson is not installed: pip install -e '.[bench]'")
    capture = make_capture(tmp_path, 2000)
    assert yardstick(Yardstick.SIMDJSON, capture.plain) == yardstick(Yardstick.MSGSPEC, capture.plain)


def test_the_table_gives_rates_only_where_flows_were_read(tmp_path):
    command = [sys.executable, "-c", "pass"]
    idle = measure("idle", command, runs=1, quiet=tmp_path / "out")
    busy = measure("busy", command, runs=1, quiet=tmp_path / "out", flows=1000, unpacked=5_000_000)
    rows = render([idle, busy], runs=1, arguments=["--runs", "1"]).splitlines()
    assert rows[0].startswith("`python -m benchmarks --runs 1`")
    assert rows[-2].endswith("|  |  |  |")
    assert rows[-1].count("|") == rows[-2].count("|") == 8


def test_the_evaluator_bench_counts_every_verdict(capsys):
    verdicts(["--policies", "5", "--pods", "6", "--verdicts", "200"])
    rows = capsys.readouterr().out.splitlines()
    assert rows[-2].startswith("| read and compile 5 policies |")
    assert rows[-1].startswith("| 200 verdicts |")
