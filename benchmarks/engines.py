"""`python -m benchmarks.engines [--rows 300000] [--runs 1]`: the main job by DuckDB and by Spark on the same rows.

Spark is this machine's, with as many threads as it has cores. Both reports are compared, byte by byte. CPU time is that
of the Python process alone: Java's is not waited for by it, so only the wall times can be compared.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.captures import make_capture
from benchmarks.growth import TOOL, repeated
from benchmarks.measure import measure
from benchmarks.table import render
from recommender.ingest import decode, expand_sources
from recommender.model.selection import Selection
from recommender.store import write_flows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.measure import Measured

ENGINES: Final = {"duckdb": (), "spark": ("--spark-master", f"local[{os.cpu_count()}]")}


def main(arguments: Sequence[str] | None = None) -> None:
    """Store, measure, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--rows", nargs="+", type=int, default=[300_000])
    parser.add_argument("--lines", type=int, default=300_000, help="of the capture that is repeated")
    parser.add_argument("--runs", type=int, default=1, help="of each main job, after one that is not counted")
    parser.add_argument("--directory", type=Path, help="where the capture is kept (default: a temporary directory)")
    options = parser.parse_args(arguments)
    found: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        place = options.directory or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        capture = make_capture(place, options.lines)
        batches = list(decode(expand_sources([str(capture.plain)])))
        for rows in options.rows:
            dataset = Path(temporary) / "flows.parquet"
            stored = write_flows(repeated(batches, rows), dataset, selection=Selection()).total_flows
            found.extend(_main_jobs(dataset, stored, options.runs, capture.inventory, Path(temporary)))
            shutil.rmtree(dataset)
    print(
        render(found, runs=options.runs, arguments=sys.argv[1:] if arguments is None else arguments, module="engines")
    )
    print("\nBoth engines' reports were the same to the byte; CPU s and flows / CPU s leave Java out.")


def _main_jobs(dataset: Path, stored: int, runs: int, inventory: Path, scratch: Path) -> Iterator[Measured]:
    reports = {engine: scratch / engine for engine in ENGINES}
    for engine, flags in ENGINES.items():
        yield measure(
            f"{engine}, {stored:,} rows",
            [
                str(TOOL), str(dataset), "--inventory", str(inventory), "-o", str(reports[engine]), "--quiet",
                "--engine", engine, *flags,
            ],
            runs=runs,
            quiet=scratch / "output.txt",
            prepare=lambda engine=engine: shutil.rmtree(reports[engine], ignore_errors=True),
            flows=stored,
        )  # fmt: skip
    check_same(*reports.values())


def check_same(one: Path, other: Path) -> None:
    """Two reports hold the same files with the same bytes.

    Raises:
        RuntimeError: they do not; names the files.
    """
    names = {str(file.relative_to(one)) for file in one.rglob("*") if file.is_file()}
    names |= {str(file.relative_to(other)) for file in other.rglob("*") if file.is_file()}
    _, different, unread = filecmp.cmpfiles(one, other, sorted(names), shallow=False)
    if different or unread:
        raise RuntimeError(f"the engines' reports differ: {', '.join([*different, *unread])}")


if __name__ == "__main__":
    main()
