"""A backtest in plain text, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.report.printable import printable
from recommender.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LISTED = 20
_BAR = 40


def render_backtest(backtest: dict[str, Any]) -> str:
    """The `backtest` part of a view in lines: what would have been denied, what went unused, how true scores were."""
    return "\n".join(printable(line) for line in _lines(backtest)) + "\n"


def _lines(told: dict[str, Any]) -> Iterator[str]:
    learned = counted(told["learned_days"], "day")
    yield f"learned on {learned} until {told['cut_at'][:10]}, tested on the next {told['tested_days']:.1f}"
    yield told["sentence"]
    yield ""
    yield f"false denials: {len(told['false_denials']):,} of {counted(told['later_needed'], 'needed edge')}"
    yield from _listed([f"{one['edge']} ({one['direction']})" for one in told["false_denials"]])
    yield f"unused rules: {len(told['unused_rules']):,} of {told['rules']:,}"
    yield from _listed([f"{one['policy']}: {one['rule']}" for one in told["unused_rules"]])
    checked = counted(told["bounds_checked"], "policy", "policies")
    yield f"bounds of unseen activity (95 %) kept: {told['bounds_held']:,} of {checked}"
    yield _new_edges_line(told["new_edges"])
    for name in ("breakage", "recurrence"):
        if told[name]:
            yield ""
            yield from _reliability_lines(told[name])
    yield ""
    yield "needed edges seen for the first time, by day of the window"
    most = max([1, *told["discovery"]])
    for day, found in enumerate(told["discovery"], start=1):
        yield f"  {day:>3}  {found:>6,}  {'#' * round(_BAR * found / most)}".rstrip()


def _listed(items: list[str]) -> Iterator[str]:
    for item in items[:MOST_LISTED]:
        yield f"  {item}"
    if len(items) > MOST_LISTED:
        yield f"  {len(items) - MOST_LISTED:,} more; all of them: --format json"


def _new_edges_line(new: dict[str, Any]) -> str:
    if new["expected"] is None:
        return f"new needed edges: {new['actual']:,}; the first part was too short to say how many to expect"
    return (
        f"new needed edges: {new['actual']:,}, expected {new['expected']:.1f}, "
        f"at most {new['at_most_90']:,} (90 %) or {new['at_most_95']:,} (95 %)"
    )


def _reliability_lines(table: dict[str, Any]) -> Iterator[str]:
    ranking = "" if table["auc"] is None else f", AUC {table['auc']:.3f}"
    yield f"{table['of']}: {table['count']:,}, came true {table['happened']:.1%}"
    yield (
        f"  Brier {table['brier']:.4f} (always {table['happened']:.1%}: {table['constant_brier']:.4f}), "
        f"ECE {table['ece']:.4f}{ranking}"
    )
    yield "  predicted  came true   count"
    for one in table["bins"]:
        yield f"  {one['predicted']:>9.1%}  {one['happened']:>9.1%}  {one['count']:>6,}"
