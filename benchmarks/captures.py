"""Captures to measure with: the simulator's lines, written once and kept in a directory."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchCapture:
    """The same lines three times: plain, gzip and zstd."""

    lines: int
    plain: Path
    gzip: Path
    zstd: Path
    """Written last."""
    inventory: Path

    @property
    def unpacked(self) -> int:
        """Bytes of the plain file."""
        return self.plain.stat().st_size


def capture_in(directory: Path, lines: int) -> BenchCapture:
    """Where a capture of so many lines lies."""
    plain = directory / f"events-{lines}.log"
    return BenchCapture(
        lines=lines,
        plain=plain,
        gzip=plain.with_suffix(".log.gz"),
        zstd=plain.with_suffix(".log.zst"),
        inventory=directory / f"inventory-{lines}.json",
    )


def make_capture(directory: Path, lines: int) -> BenchCapture:
    """Have a capture of exactly `lines` lines written, unless it is there already."""
    capture = capture_in(directory, lines)
    if not capture.zstd.exists():
        subprocess.run([sys.executable, "-m", "benchmarks.write_capture", str(lines), str(directory)], check=True)
    return capture
