"""`python -m benchmarks.growth [--rows 300000 1200000] [--runs 1]`: how the main job grows with the stored flows.

The flows of one capture are stored again and again, each time three days later and under ids of their own: rows grow
while edges and pods stay as they are.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.captures import make_capture
from benchmarks.measure import Measured, measure
from benchmarks.table import render
from recommender.ingest import decode, expand_sources
from recommender.model.selection import Selection
from recommender.store import write_flows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recommender.model.decoded import DecodedBatch

TOOL: Final = Path(sys.executable).parent / "netpol-recommend"
PERIOD_NS: Final = 3 * 86_400_000_000_000
_ODD: Final = 0x9E3779B97F4A7C15


def main(arguments: Sequence[str] | None = None) -> None:
    """Store, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--rows", nargs="+", type=int, default=[300_000, 1_200_000])
    parser.add_argument("--lines", type=int, default=300_000, help="of the capture that is repeated")
    parser.add_argument("--runs", type=int, default=1, help="of each main job, after one that is not counted")
    parser.add_argument("--directory", type=Path, help="where the capture is kept (default: a temporary directory)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        place = options.directory or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        capture = make_capture(place, options.lines)
        batches = list(decode(expand_sources([str(capture.plain)])))
        pairs = [_main_jobs(batches, rows, options.runs, capture.inventory, Path(temporary)) for rows in options.rows]
    found = [measured for pair in pairs for measured in pair]
    print(render(found, runs=options.runs, arguments=sys.argv[1:] if arguments is None else arguments, module="growth"))
    for smaller, larger in (pair for kind in zip(*pairs, strict=True) for pair in pairwise(kind)):
        print(f"\n{smaller.name} to {larger.name}: exponent {exponent(smaller, larger):.2f} of CPU time over rows")


def exponent(smaller: Measured, larger: Measured) -> float:
    """The power of the rows that the CPU time grows with from one size to the next."""
    return math.log(larger.median.cpu / smaller.median.cpu) / math.log(larger.flows / smaller.flows)


def repeated(batches: Sequence[DecodedBatch], rows: int) -> Iterator[DecodedBatch]:
    """At least so many rows less one batch: the batches again and again, each time later."""
    given = 0
    for round_ in count():
        for batch in batches:
            if given >= rows:
                return
            given += batch.flows.num_rows
            yield batch if round_ == 0 else _later(batch, round_)


def _later(batch: DecodedBatch, rounds: int) -> DecodedBatch:
    flows = batch.flows
    ids = flows.column("event_id").to_numpy() ^ np.uint64(rounds * _ODD % 2**64)
    times = pc.add(flows.column("time").cast(pa.int64()), rounds * PERIOD_NS)
    uuids = pc.binary_replace_slice(flows.column("uuid").cast(pa.binary()), 0, 8, f"{rounds:08x}".encode())
    columns = {"event_id": pa.array(ids), "time": times, "uuid": uuids.cast(pa.string())}
    for name, column in columns.items():
        place = flows.schema.get_field_index(name)
        flows = flows.set_column(place, flows.schema.field(place), column.cast(flows.schema.field(place).type))
    nothing = {table: getattr(batch, table).slice(0, 0) for table in ("endpoints", "label_sets", "events", "rejects")}
    return replace(batch, flows=flows, file=None, **nothing)


def _main_jobs(
    batches: Sequence[DecodedBatch], rows: int, runs: int, inventory: Path, scratch: Path
) -> tuple[Measured, Measured]:
    """The main job from rows, and again from what an earlier one kept."""
    dataset, kept = scratch / f"flows-{rows}.parquet", scratch / "kept"
    stored = write_flows(repeated(batches, rows), dataset, selection=Selection()).total_flows
    command = [str(TOOL), str(dataset), "--inventory", str(inventory), "-o", str(scratch / "report"), "--quiet"]
    cached = [*command, "--reduction-cache", str(kept)]
    found = (
        _measured(f"main job, {stored:,} rows", command, runs, stored, scratch),
        _measured(f"again with --reduction-cache, {stored:,} rows", cached, runs, stored, scratch),
    )
    shutil.rmtree(dataset)
    return found


def _measured(name: str, command: list[str], runs: int, stored: int, scratch: Path) -> Measured:
    """The runs that count come after one that does not, which fills the folder of kept answers."""
    found = measure(
        name,
        command,
        runs=runs,
        quiet=scratch / "output.txt",
        prepare=lambda: shutil.rmtree(scratch / "report", ignore_errors=True),
        flows=stored,
    )
    print(f"{found.name}: {found.median.wall:.1f} s", file=sys.stderr)
    return found


if __name__ == "__main__":
    main()
