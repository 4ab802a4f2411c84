"""`python -m benchmarks.large.steps DATASET INVENTORY OUTPUT`: runs the main job, prints what each step took as JSON.

A process of its own, so that memory and time are those of the main job alone. The CPU time of a process that works
beside it counts in the step that waits for its answer; the memory of a step is that of the main process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recommender import recommend, write_report

if TYPE_CHECKING:
    from recommender.model.decoded import DecodedBatch

_KIB_A_MIB: Final = 1024
_RESET_PEAK: Final = "5"
"""Written to `clear_refs`, sets the peak of the resident memory back to what is resident now (Linux, proc(5))."""


class StepClock:
    """Progress that notes when steps begin, what they take, and the most memory that was resident during each."""

    def __init__(self) -> None:
        self.steps: list[dict[str, object]] = []
        self._name = ""
        self._wall = self._cpu = 0.0

    def stage(self, name: str, *, total_bytes: int = 0) -> None:  # noqa: ARG002 - Progress
        """End the step before, and begin this one."""
        self.finish()
        self._name, self._wall, self._cpu = name, time.perf_counter(), _cpu()
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")

    def batch(self, batch: DecodedBatch) -> None:
        """Nothing: flows are stored already."""

    def finish(self) -> None:
        """End the step."""
        if self._name:
            wall, cpu = time.perf_counter() - self._wall, _cpu() - self._cpu
            self.steps.append({"step": self._name, "wall": wall, "cpu": cpu, "peak": _peak()})
        self._name = ""


def _cpu() -> float:
    """Seconds of this process and of those that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak() -> float:
    """MiB resident at most since it was last set back."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / _KIB_A_MIB


def main(dataset: str, inventory: str, output: str) -> None:
    """Run, and print one JSON document."""
    clock = StepClock()
    clock.stage("reading the inventory")
    recommendation = recommend(dataset, inventory=inventory, progress=clock)
    clock.stage("writing the report")
    write_report(recommendation, output)
    clock.finish()
    counts = {
        "workloads": len(recommendation.workloads),
        "edges": len(recommendation.edges),
        "groups": len(recommendation.groups),
        "flows": recommendation.capture.flows,
        "holds": recommendation.holds,
    }
    print(json.dumps({"steps": clock.steps, **counts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
