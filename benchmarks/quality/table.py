"""The figures as Markdown, and the single cases behind them as text."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from functools import reduce
from importlib.metadata import version
from operator import add
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.quality.clusters import Scenario
    from benchmarks.quality.judge import Figures, Share

Column = tuple[str, str, "Callable[[Sequence[Figures]], str]"]


def _share(pick: Callable[[Figures], Share]) -> Callable[[Sequence[Figures]], str]:
    def text(figures: Sequence[Figures]) -> str:
        found = reduce(add, (pick(item) for item in figures))
        percent = "100" if found.good == found.of else f"{min(99.9, 100 * found.share):.1f}"
        return f"{percent} % ({found.good}/{found.of})"

    return text


def _precision(pick: Callable[[Figures], Share]) -> Callable[[Sequence[Figures]], str]:
    def text(figures: Sequence[Figures]) -> str:
        found = reduce(add, (pick(item) for item in figures))
        return f"{found.share:.3f} ({found.good}/{found.of})" if found.of else "nothing allowed"

    return text


def _count(pick: Callable[[Figures], int]) -> Callable[[Sequence[Figures]], str]:
    return lambda figures: str(sum(pick(item) for item in figures))


def _noise(kinds: frozenset[str]) -> Callable[[Sequence[Figures]], str]:
    def text(figures: Sequence[Figures]) -> str:
        return str(sum(_is_of(text, kinds) for item in figures for text in item.noise.missing))

    return text


def _silent(kinds: frozenset[str]) -> Callable[[Sequence[Figures]], str]:
    def text(figures: Sequence[Figures]) -> str:
        return str(sum(_is_of(text, kinds) for item in figures for text in item.silent))

    return text


def _is_of(case: str, kinds: frozenset[str]) -> bool:
    return case.partition(":")[0] in kinds


SCANS: Final = frozenset({"scan", "answered-scan"})
INTRUDER: Final = frozenset({"intrusion", "beacon"})
COLUMNS: Final[tuple[Column, ...]] = (
    ("needed edges that were seen, allowed", "100 %", _share(lambda item: item.seen)),
    ("the same after one more rollout", "100 %", _share(lambda item: item.rolled)),
    ("all needed edges, seen or not, allowed", "", _share(lambda item: item.needed)),
    ("workloads seen, isolated in both directions", "100 %", _share(lambda item: item.isolated)),
    ("workloads that no connection showed", "", _count(lambda item: len(item.unseen))),
    ("precision among isolated workloads", "≥ 0.98", _precision(lambda item: item.precise)),
    ("… with DNS over TCP beside needed UDP as needed", "≥ 0.98", _precision(lambda item: item.precise_with_fallback)),
    ("… without port 53", "≥ 0.98", _precision(lambda item: item.precise_but_dns)),
    ("unneeded (client, server, port) open, all workloads", "", _count(lambda item: item.opened)),
    ("scan edges admitted", "0", _noise(SCANS)),
    ("… without a mark for a person", "0", _silent(SCANS)),
    ("intruder's contacts and beacons admitted", "", _noise(INTRUDER)),
    ("… without a mark for a person", "0", _silent(INTRUDER)),
    ("DNS tunnels named", "100 %", _share(lambda item: item.tunnels)),
    ("all noise edges kept out", "", _share(lambda item: item.noise)),
    ("noise edges admitted without a mark", "0", _count(lambda item: len(item.silent))),
    ("needed edges that were seen, marked for a person", "", _share(lambda item: item.reviewed)),
    ("policies", "", _count(lambda item: item.policies)),
    ("… that select nothing", "0", _count(lambda item: len(item.idle))),
    ("… that select part of a workload's pods", "0", _count(lambda item: len(item.partial))),
    ("… that over-match", "0", _count(lambda item: len(item.over))),
    ("… for several workloads", "", _count(lambda item: item.shared)),
    ("invalid objects", "0", _count(lambda item: len(item.invalid))),
)


def render(results: Mapping[Scenario, Mapping[str, Figures]], *, peer: str, arguments: Sequence[str]) -> str:
    """One table of all scenarios together and one row a scenario and tool after it."""
    tools = list(dict.fromkeys(tool for found in results.values() for tool in found))
    command = " ".join(("python -m benchmarks.quality", *arguments))
    lines = [
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, {len(results)} clusters;",
        f"netpol-recommend {version('netpol-recommend')}, Python {platform.python_version()}.",
        "",
        *([f"hubble-audit2policy was not measured: {peer}.", ""] if peer else []),
        "| figure | goal | " + " | ".join(tools) + " |",
        "|" + "---|" * (len(tools) + 2),
    ]
    for title, goal, write in COLUMNS:
        cells = [write([found[tool] for found in results.values()]) for tool in tools]
        lines.append(f"| {title} | {goal} | " + " | ".join(cells) + " |")
    lines += [
        "",
        (
            "| cluster | tool | seen | after rollout | all | isolated | precision | with fallback | without port 53 "
            "| noise admitted | … without a mark |"
        ),
    ]
    lines.append("|" + "---|" * 11)
    for scenario, found in results.items():
        for tool, item in found.items():
            shares = (_share(lambda one: one.seen), _share(lambda one: one.rolled), _share(lambda one: one.needed))
            cells = [*(write([item]) for write in shares), _share(lambda one: one.isolated)([item])]
            cells += [_precision(pick)([item]) for pick in _PRECISIONS]
            cells += [_kinds(item.noise.missing), _kinds(item.silent)]
            lines.append(f"| {scenario.name} | {tool} | {' | '.join(cells)} |")
    lines += ["", *(f"- {item.name}: {item.words}" for item in results)]
    return "\n".join(lines)


_PRECISIONS: Final[tuple[Callable[[Figures], Share], ...]] = (
    lambda one: one.precise,
    lambda one: one.precise_with_fallback,
    lambda one: one.precise_but_dns,
)


def _kinds(found: Sequence[str]) -> str:
    kinds = sorted(text.partition(":")[0] for text in found)
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)) or "none"


def cases(item: Figures, notes: Sequence[str]) -> str:
    """Every single case behind the figures, for a person who asks why."""
    parts = {
        "needed, seen, denied": item.seen.missing,
        "needed, seen, denied after a rollout": item.rolled.missing,
        "needed, denied": item.needed.missing,
        "not isolated": item.isolated.missing,
        "not seen": item.unseen,
        "noise admitted": item.noise.missing,
        "noise admitted without a mark": item.silent,
        "needed, marked for a person": item.reviewed.missing,
        "DNS tunnels that are not named": item.tunnels.missing,
        "selects nothing": item.idle,
        "selects part of a workload": item.partial,
        "over-matches": item.over,
        "invalid": item.invalid,
        "unneeded among isolated workloads": item.precise_but_dns.missing,
        "DNS that nobody needs, not even as a fallback": tuple(
            text for text in item.precise_with_fallback.missing if text.endswith("/53")
        ),
        "left out by the tool": notes,
    }
    return "".join(f"## {title} ({len(rows)})\n" + "".join(f"{row}\n" for row in rows) for title, rows in parts.items())
