"""Writes a capture of exactly so many lines: `python -m benchmarks.write_capture LINES DIRECTORY`.

A process of its own: a child's peak memory, as the kernel counts it, begins with that of the process that starts it.
"""

from __future__ import annotations

import gzip
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import zstandard

from benchmarks.captures import capture_in
from tests.simulator import random_cluster, simulate

if TYPE_CHECKING:
    from benchmarks.captures import BenchCapture

DAYS: Final = 3.0
SEED: Final = 21
LINES_AT_RATE_ONE: Final = 200_000
"""What a medium cluster writes in three days, roughly; the rate is scaled from it and the surplus thinned out."""
MARGIN: Final = 1.25


def write_capture(capture: BenchCapture) -> None:
    """Simulate, thin out evenly to the number of lines, and write them plain, with gzip and with zstd."""
    rate = math.ceil(MARGIN * 100 * capture.lines / LINES_AT_RATE_ONE) / 100
    simulation = simulate(random_cluster(SEED, "medium"), days=DAYS, seed=SEED, rate=rate)
    found = list(simulation.lines())
    step = len(found) / capture.lines
    if step < 1:
        message = f"the simulator wrote {len(found)} lines, fewer than {capture.lines}: raise MARGIN"
        raise ValueError(message)
    capture.plain.parent.mkdir(parents=True, exist_ok=True)
    with capture.plain.open("wb") as plain:
        plain.writelines(found[int(index * step)].encode() + b"\n" for index in range(capture.lines))
    simulation.write_inventory(capture.inventory)
    data = capture.plain.read_bytes()
    capture.gzip.write_bytes(gzip.compress(data, compresslevel=6, mtime=0))
    capture.zstd.write_bytes(zstandard.ZstdCompressor(level=3).compress(data))


if __name__ == "__main__":
    write_capture(capture_in(Path(sys.argv[2]), int(sys.argv[1])))
