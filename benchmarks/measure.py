"""Whole processes: wall time, CPU time and peak memory of a command, as the kernel counts them."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.process_tree import TreePeak

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_KIB_A_MIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one run of a command took."""

    wall: float
    """Seconds."""
    cpu: float
    """User and system seconds, of all threads and waited-for children."""
    peak: float
    """Memory of all its processes together, MiB; of the largest alone where that is more (`ru_maxrss`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The median run of several, and how far they lie apart."""

    name: str
    flows: int
    """0 where the command reads none."""
    unpacked: int
    """Bytes of JSON behind them; 0 where none is read."""
    median: Usage
    slowest: float
    """Wall seconds."""
    fastest: float


def run_once(command: Sequence[str], *, quiet: Path) -> Usage:
    """Run a command to its end; its output goes to the file `quiet`.

    Raises:
        RuntimeError: It did not exit with 0.
    """
    with quiet.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        with TreePeak(process.pid) as together:
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    # `wait4` took the status away from Popen, which must not wait for the process once more.
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = quiet.read_text(encoding="utf-8", errors="replace")[-500:]
        message = f"{' '.join(command)} exited with {process.returncode}: {tail}"
        raise RuntimeError(message)
    return Usage(wall=wall, cpu=usage.ru_utime + usage.ru_stime, peak=max(usage.ru_maxrss / _KIB_A_MIB, together.peak))


def measure(
    name: str,
    command: Sequence[str],
    *,
    runs: int,
    quiet: Path,
    prepare: Callable[[], None] = lambda: None,
    flows: int = 0,
    unpacked: int = 0,
) -> Measured:
    """Run once to warm the file cache, then `runs` times; `prepare` clears outputs before each and is not measured."""
    found = []
    for _ in range(runs + 1):
        prepare()
        found.append(run_once(command, quiet=quiet))
    kept = found[1:]
    return Measured(
        name=name,
        flows=flows,
        unpacked=unpacked,
        median=Usage(
            wall=statistics.median(one.wall for one in kept),
            cpu=statistics.median(one.cpu for one in kept),
            peak=statistics.median(one.peak for one in kept),
        ),
        slowest=max(one.wall for one in kept),
        fastest=min(one.wall for one in kept),
    )
