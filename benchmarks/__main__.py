"""`python -m benchmarks [--sizes 100000 500000] [--runs 3] [--peer COMMAND]`: the table of docs/performance.md."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.captures import BenchCapture, make_capture
from benchmarks.measure import Measured, measure
from benchmarks.table import render
from benchmarks.yardsticks import Yardstick

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOOL = Path(sys.executable).parent / "netpol-recommend"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the captures, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[100_000, 500_000], metavar="LINES")
    parser.add_argument("--runs", type=int, default=3, help="of each command, after one that is not counted")
    parser.add_argument("--directory", type=Path, help="where captures are kept (default: a temporary directory)")
    parser.add_argument("--peer", default="", help="another tool, to which the plain capture is given, in the same run")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        place = options.directory or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        found = []
        for one in _all(options.sizes, options.runs, place, Path(temporary), peer=shlex.split(options.peer)):
            print(f"{one.name}: {one.median.wall:.2f} s", file=sys.stderr)
            found.append(one)
    print(render(found, runs=options.runs, arguments=sys.argv[1:] if arguments is None else arguments))


def _all(sizes: Sequence[int], runs: int, place: Path, scratch: Path, *, peer: Sequence[str]) -> Iterator[Measured]:
    quiet = scratch / "output.txt"
    yield measure("`netpol-recommend --help`", [str(TOOL), "--help"], runs=runs, quiet=quiet)
    for lines in sizes:
        yield from _of_size(make_capture(place, lines), runs, scratch, quiet, peer)


def _of_size(capture: BenchCapture, runs: int, scratch: Path, quiet: Path, peer: Sequence[str]) -> Iterator[Measured]:
    dataset, report = scratch / "flows.parquet", scratch / "report"
    size = f"{capture.lines // 1000}k"

    def clear() -> None:
        for path in (dataset, report):
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)

    jobs = [
        (
            f"yardstick: {one.value} {size}",
            [sys.executable, "-m", "benchmarks.yardsticks", one.value],
            capture.gzip if one is Yardstick.INFLATE else capture.plain,
        )
        for one in Yardstick
    ]
    if peer:
        jobs.append((f"{Path(peer[0]).name} {size}", [*peer], capture.plain))
    ingest = [str(TOOL), "ingest", "-o", str(dataset)]
    jobs.append((f"ingest {size} plain, one process", [*ingest, "--jobs", "1"], capture.plain))
    for kind, path in (("plain", capture.plain), ("gzip", capture.gzip), ("zstd", capture.zstd)):
        jobs.append((f"ingest {size} {kind}", ingest, path))
    for name, command, path in jobs:
        yield measure(
            name,
            [*command, str(path)],
            runs=runs,
            quiet=quiet,
            prepare=clear,
            flows=capture.lines,
            unpacked=capture.unpacked,
        )
    # The last ingest left its dataset; the main job reads it anew each time.
    command = [str(TOOL), str(dataset), "--inventory", str(capture.inventory), "-o", str(report), "--quiet"]
    yield measure(
        f"main job {size}",
        command,
        runs=runs,
        quiet=quiet,
        prepare=lambda: shutil.rmtree(report, ignore_errors=True),
        flows=capture.lines,
    )
    clear()


if __name__ == "__main__":
    main()
