"""`python -m benchmarks.large [--workloads 1000 3000 10000]`: what each step of the main job takes as clusters grow.

Twenty edges a workload, a few flows an edge (`topology.py`). The exponent is the power of the edges with which a step's
CPU time grows from the smallest cluster to the largest; n log n is 1.1 between 20,000 and 200,000 edges. Memory of a
step is the main process's, of all steps that of all processes together.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.large.flows import flow_batches
from benchmarks.large.inventory import describe
from benchmarks.large.places import settle
from benchmarks.large.topology import draw_topology
from benchmarks.process_tree import TreePeak
from benchmarks.table import machine_lines
from recommender.model.selection import Selection
from recommender.store import write_flows

if TYPE_CHECKING:
    from collections.abc import Sequence

    Run = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the clusters, run, print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    parser.add_argument("--workloads", nargs="+", type=int, default=[1000, 3000, 10_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--directory", type=Path, help="where clusters are kept (default: a temporary directory)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        place = options.directory or Path(temporary)
        found = [run(make_cluster(place, size, seed=options.seed)) for size in options.workloads]
    given = " ".join(sys.argv[1:] if arguments is None else arguments)
    print(f"`python -m benchmarks.large{' ' if given else ''}{given}`, {datetime.now(UTC):%Y-%m-%d}; one run of each.")
    print("\n".join((*machine_lines(), "", *table(found))))


def make_cluster(directory: Path, workloads: int, *, seed: int) -> Path:
    """A folder with the flows and the inventory of a cluster, written unless it is there."""
    folder = directory / f"cluster-{workloads}-{seed}"
    inventory = folder / "inventory.json"
    if not inventory.exists():
        topology = draw_topology(workloads, seed=seed)
        folder.mkdir(parents=True, exist_ok=True)
        write_flows(flow_batches(topology, settle(topology), seed=seed), folder / "flows", selection=Selection())
        inventory.write_text(json.dumps(describe(topology)), encoding="utf-8")
    return folder


def run(folder: Path) -> Run:
    """The main job on a cluster, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        inputs = [str(folder / "flows"), str(folder / "inventory.json"), str(Path(temporary) / "report")]
        command = [sys.executable, "-m", "benchmarks.large.steps", *inputs]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process, TreePeak(process.pid) as memory:
            told, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    found: Run = {**json.loads(told), "peak": memory.peak}
    print(f"{folder.name}: {_total(found, 'cpu'):.0f} s of CPU", file=sys.stderr)
    return found


def table(found: Sequence[Run]) -> list[str]:
    """One row a step, three columns a cluster, and how the step grows."""
    heads = [f"{one['workloads']:,} workloads, {one['edges']:,} edges" for one in found]
    grows = len(found) > 1
    lines = [
        f"| step | {' | '.join(f'{head}: s | CPU s | peak MiB' for head in heads)} |{' exponent |' if grows else ''}",
        "|---" * (1 + 3 * len(found) + grows) + "|",
    ]
    rows = [(step["step"], [one["steps"][place] for one in found]) for place, step in enumerate(found[0]["steps"])]
    rows.append(("all", [{**{key: _total(one, key) for key in ("wall", "cpu")}, "peak": one["peak"]} for one in found]))
    for name, steps in rows:
        cells = [f"{step['wall']:.1f} | {step['cpu']:.1f} | {step['peak']:.0f}" for step in steps]
        last = f" {_exponent(steps, found)} |" if grows else ""
        lines.append(f"| {name} | {' | '.join(cells)} |{last}")
    return lines


def _total(one: Run, key: str) -> float:
    """Of all steps."""
    return sum(float(step[key]) for step in one["steps"])


def _exponent(steps: Sequence[Run], found: Sequence[Run]) -> str:
    smaller, larger = steps[0]["cpu"], steps[-1]["cpu"]
    if smaller < 0.1:  # Seconds below which a quotient says nothing.
        return ""
    return f"{math.log(larger / smaller) / math.log(found[-1]['edges'] / found[0]['edges']):.2f}"


if __name__ == "__main__":
    main()
