"""`python -m benchmarks.quality [--only small-12 …] [--levels] [--cases DIR]`: the table of docs/quality.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.quality.clusters import SCENARIOS, Scenario
from benchmarks.quality.contestants import DIALECTS, Answer, install_peer, level_answers, our_answers, peer_answers
from benchmarks.quality.endpoints import describe
from benchmarks.quality.judge import Figures, judge
from benchmarks.quality.table import cases, render
from recommender.model.manifest import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, recommend, judge, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="scenarios such as small-12")
    parser.add_argument(
        "--dialects",
        nargs="*",
        type=Dialect,
        default=DIALECTS,
        help=f"of {', '.join(Dialect)}; by default the first two",
    )
    parser.add_argument("--no-peer", action="store_true", help="do not install and run the other tool")
    parser.add_argument("--levels", action="store_true", help="every granularity and the starter set, no other tool")
    parser.add_argument("--cases", type=Path, metavar="DIR", help="write every single case behind the figures there")
    parser.add_argument("--directory", type=Path, help="where captures are kept (default: a temporary directory)")
    options = parser.parse_args(arguments)
    chosen = [item for item in SCENARIOS if not options.only or item.name in options.only]
    with tempfile.TemporaryDirectory(prefix="quality-") as temporary:
        scratch = options.directory or Path(temporary)
        scratch.mkdir(parents=True, exist_ok=True)
        peer = "not asked for" if options.no_peer or options.levels else install_peer(scratch)
        results = {item: _measure(item, scratch / item.name, peer, options) for item in chosen}
    print(render(results, peer=peer if isinstance(peer, str) else "", arguments=sys.argv[1:]))


def _measure(scenario: Scenario, scratch: Path, peer: Path | str, options: argparse.Namespace) -> dict[str, Figures]:
    kept: Path | None = options.cases
    capture = scratch / "capture"
    scratch.mkdir(parents=True, exist_ok=True)
    simulation = scenario.simulation()
    simulation.write(capture)
    simulation.write_inventory(capture / "inventory.json")
    truth = describe(scenario, simulation.cluster, simulation.truth)
    cluster = simulation.cluster.name
    answers: list[Answer] = (
        level_answers(capture, scratch, cluster, options.dialects)
        if options.levels
        else our_answers(capture, scratch, cluster, options.dialects)
    )
    if isinstance(peer, Path):
        answers += peer_answers(peer, capture, scratch)
    figures = {}
    for answer in answers:
        found = figures[answer.tool] = judge(
            answer.documents, truth, members=answer.members, marked=answer.marked, suspects=answer.suspects
        )
        print(f"{scenario.name}: {answer.tool}: judged", file=sys.stderr)
        if kept:
            kept.mkdir(parents=True, exist_ok=True)
            name = f"{scenario.name}-{answer.tool.replace(', ', '-').replace(' ', '-')}.txt"
            (kept / name).write_text(cases(found, answer.notes), encoding="utf-8")
    return figures


if __name__ == "__main__":
    main()
