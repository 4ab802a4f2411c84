"""`python -m tests.conformance.live --engine PROGRAM`: fresh random scenarios, answered by Cilium's engine and by ours.

Prints the seed, every difference and `agree N of M`. Exit code 1 on any difference, 2 if the engine fails.
"""

from __future__ import annotations

import argparse
import gzip
import json
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conformance.random_scenarios import scenarios
from tests.conformance.scenarios import compare

if TYPE_CHECKING:
    from collections.abc import Sequence


def answered(engine: Path, seed: int, count: int) -> bytes:
    """The scenarios of a seed with the engine's answers, as JSON lines."""
    questions = "".join(json.dumps(scenario) + "\n" for scenario in scenarios(seed, count))
    return subprocess.run([engine], input=questions.encode(), stdout=subprocess.PIPE, check=True).stdout


def main(arguments: Sequence[str]) -> int:
    """Ask, compare, and keep the answers if a file is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.live")
    parser.add_argument("--engine", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=None, help="a new one each time, unless given")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--keep", type=Path, help="write scenarios and answers here, gzipped")
    chosen = parser.parse_args(arguments)
    seed = secrets.randbelow(10**9) if chosen.seed is None else chosen.seed
    sys.stdout.write(f"seed {seed}, {chosen.count} scenarios\n")
    try:
        answers = answered(chosen.engine, seed, chosen.count)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"the engine failed with {error.returncode}\n")
        return 2
    if answers.count(b"\n") != chosen.count:
        sys.stderr.write("the engine did not answer every scenario\n")
        return 2
    if chosen.keep:
        chosen.keep.write_bytes(gzip.compress(answers, compresslevel=9, mtime=0))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "answers.ndjson"
        path.write_bytes(answers)
        tally = compare(path)
    for difference in tally.differences:
        sys.stdout.write(f"{difference}\n")
    sys.stdout.write(f"agree {tally.agreed} of {tally.asked}\n")
    return int(bool(tally.differences))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
