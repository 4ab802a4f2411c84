"""The measurements as a Markdown table, with the machine and the versions that they hold for."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Measured

PACKAGES: Final = ("netpol-recommend", "duckdb", "pyarrow", "msgspec", "isal", "zstandard")
MEGA: Final = 1_000_000


def render(found: Sequence[Measured], *, runs: int, arguments: Sequence[str], module: str = "") -> str:
    """One row a command: medians, then the range of the wall times, then rates."""
    command = " ".join((f"python -m benchmarks{'.' if module else ''}{module}", *arguments))
    lines = [
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}; medians of {runs} runs after one that is not counted.",
        *machine_lines(),
        "",
        "| process | wall s (range) | CPU s | peak MiB | flows / CPU s | flows / wall s | MB/s of JSON |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_row, found)])


def machine_lines() -> tuple[str, str]:
    """What the figures hold for: the machine with its load, and the versions."""
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory()}; load averages at the end {load}.",
        f"Python {platform.python_version()}, {', '.join(f'{name} {version(name)}' for name in PACKAGES)}.",
    )


def _row(one: Measured) -> str:
    wall, cpu = one.median.wall, one.median.cpu
    cells = [one.name, f"{wall:.2f} ({one.fastest:.2f} to {one.slowest:.2f})", f"{cpu:.2f}", f"{one.median.peak:.0f}"]
    cells += [f"{one.flows / cpu:,.0f}", f"{one.flows / wall:,.0f}"] if one.flows else ["", ""]
    cells.append(f"{one.unpacked / MEGA / wall:.0f}" if one.unpacked else "")
    return f"| {' | '.join(cells)} |"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
