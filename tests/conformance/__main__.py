"""`python -m tests.conformance FILE…`: how far do we agree? Exit code 1 on any difference."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.conformance.scenarios import compare


def main(arguments: list[str]) -> int:
    """Print every difference, then `agree N of M` for each file."""
    if not arguments:
        sys.stderr.write("usage: python -m tests.conformance FILE...\n")
        return 2
    differs = False
    for argument in arguments:
        tally = compare(Path(argument))
        for difference in tally.differences:
            sys.stdout.write(f"{difference}\n")
        sys.stdout.write(f"{argument}: agree {tally.agreed} of {tally.asked}\n")
        differs = differs or bool(tally.differences)
    return int(differs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
