"""`python -m benchmarks.calibration [--clusters 40] [--windows 7 14]`: the tables of docs/calibration.md."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from benchmarks.calibration.examples import WINDOWS
from benchmarks.calibration.measure import measure
from benchmarks.calibration.table import render
from benchmarks.calibration.tenants import tenant_world
from benchmarks.calibration.trains import train_world

if TYPE_CHECKING:
    from collections.abc import Sequence

PROCESSES = {"trains": train_world, "tenants": tenant_world}
FIRST_SEED = 5000
"""Fitting ends far below it, in the one process and in the other."""
CLUSTERS = 40


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, score, compare with the week after, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--clusters", type=int, default=CLUSTERS)
    parser.add_argument("--windows", type=int, nargs="*", default=WINDOWS, metavar="DAYS")
    parser.add_argument("--process", choices=sorted(PROCESSES), default="trains", help="how clusters are generated")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    options = parser.parse_args(arguments)
    seeds = range(options.first_seed, options.first_seed + options.clusters)
    gathered = measure(PROCESSES[options.process], seeds, options.windows, _tell)
    print(render(gathered))


def _tell(name: str) -> None:
    print(name, file=sys.stderr)


if __name__ == "__main__":
    main()
