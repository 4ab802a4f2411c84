"""The yardstick: `msgspec` decodes every line of a file and keeps nothing. `python -m benchmarks.parse_only FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec


def main(path: Path) -> int:
    """Decode every line into plain Python objects; returns how many lines were JSON."""
    decode = msgspec.json.Decoder().decode
    good = 0
    with path.open("rb") as lines:
        for line in lines:
            try:
                decode(line)
            except msgspec.DecodeError:
                continue
            good += 1
    return good


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
