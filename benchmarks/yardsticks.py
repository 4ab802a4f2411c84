"""What the machine needs for a part of the work alone: `python -m benchmarks.yardsticks YARDSTICK FILE`.

Each reads the whole file and keeps nothing; none is fair to a tool that keeps what it read, all are a limit to it.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

import msgspec
from isal import igzip

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK: Final = 1 << 20


class Yardstick(StrEnum):
    """A part of the work."""

    READ = "read"
    """The bytes, a MiB at a time."""
    SPLIT = "split"
    """Lines."""
    INFLATE = "inflate"
    """A gzip file's bytes, by isal."""
    SIMDJSON = "simdjson"
    """Each line parsed, no object made of it (pysimdjson)."""
    MSGSPEC = "msgspec"
    """Each line parsed into plain Python objects."""


def main(yardstick: Yardstick, path: Path) -> int:
    """Do the part of the work; returns how many bytes, lines or good lines there were."""
    match yardstick:
        case Yardstick.READ:
            return _bytes_of(path)
        case Yardstick.INFLATE:
            with igzip.open(path, "rb") as unpacked:
                return sum(len(block) for block in iter(lambda: unpacked.read(_BLOCK), b""))
        case Yardstick.SPLIT:
            return sum(1 for _ in _lines(path))
        case Yardstick.SIMDJSON:
            return _simdjson(path)
        case Yardstick.MSGSPEC:
            return _msgspec(path)
        case _:
            assert_never(yardstick)


def _bytes_of(path: Path) -> int:
    with path.open("rb", buffering=0) as file:
        return sum(len(block) for block in iter(lambda: file.read(_BLOCK), b""))


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as lines:
        yield from lines


def _simdjson(path: Path) -> int:
    import simdjson  # noqa: PLC0415 - the others do without it

    parser = simdjson.Parser()
    good = 0
    for line in _lines(path):
        try:
            parser.parse(line)
        except ValueError:
            continue
        good += 1
    return good


def _msgspec(path: Path) -> int:
    decode = msgspec.json.Decoder().decode
    good = 0
    for line in _lines(path):
        try:
            decode(line)
        except msgspec.DecodeError:
            continue
        good += 1
    return good


if __name__ == "__main__":
    print(main(Yardstick(sys.argv[1]), Path(sys.argv[2])))
