"""`python -m tests.simulator --cluster demo --seed 7 --days 3 -o DIR --inventory --gzip`."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from tests.simulator.demo import describe_demo
from tests.simulator.http_shop import describe_http_shop
from tests.simulator.random_cluster import SIZES, random_cluster
from tests.simulator.simulation import DEFAULT_START, simulate


def main() -> None:
    """Write a capture, its truth and, if asked, its inventory into a directory."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--cluster", choices=("demo", "http", "random"), default="demo")
    parser.add_argument("--size", choices=tuple(SIZES), default="small", help="of a random cluster")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=float, default=3.0)
    parser.add_argument("--start", type=datetime.fromisoformat, default=DEFAULT_START, help="with offset")
    parser.add_argument("--events", choices=("verdict-only", "sparse", "full"))
    parser.add_argument("--rate", type=float, default=1.0, help="multiplies every conversation's rate")
    parser.add_argument("--inventory", action="store_true", help="write inventory.json too")
    parser.add_argument("-o", "--output", type=Path, required=True)
    packing = parser.add_mutually_exclusive_group()
    packing.add_argument("--gzip", dest="compression", action="store_const", const="gzip", default="")
    packing.add_argument("--zstd", dest="compression", action="store_const", const="zstd")
    options = parser.parse_args()
    described = {"demo": describe_demo, "http": describe_http_shop}
    cluster = described.get(options.cluster, lambda: random_cluster(options.seed, options.size))()
    simulation = simulate(cluster, days=options.days, seed=options.seed, start=options.start, events=options.events)
    simulation.write(options.output, compression=options.compression)
    simulation.write_truth(options.output / "truth.json")
    if options.inventory:
        simulation.write_inventory(options.output / "inventory.json")


if __name__ == "__main__":
    main()
