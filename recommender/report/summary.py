"""The run in plain text, for the terminal."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any

from recommender.model.gap import Severity
from recommender.report.printable import printable
from recommender.report.wording import counted

_TOP = 5
_HOURS_A_DAY = 24
_LABEL_WIDTH = 11
_WIDTH = 110
_TOP_REASONS = 3
_ANSWERS = frozenset({"trust", "breaks", "reach", "quarantine", "verdicts", "missed", "backtest"})


def render_summary(view: dict[str, Any], output: str = "") -> str:
    """A few lines that say whether to trust the run, what it found, what to do and where the files are.

    `output` is the directory that holds the files, shown when given. The last line is the replay proof's sentence.
    """
    lines = [*_capture_lines(view), *_result_lines(view), "", *_answer_lines(view), "", *_gap_lines(view)]
    if output:
        lines += ["", *_file_lines(view, output)]
    lines += ["", view["proof"]["sentence"]]
    return "\n".join(_wrapped(printable(line)) for line in lines) + "\n"


def _line(label: str, text: str) -> str:
    return f"{label:<{_LABEL_WIDTH}}{text}"


def _wrapped(line: str) -> str:
    """An answer longer than a terminal is wide, under its label; commands and the proof stay on one line."""
    label = line[:_LABEL_WIDTH].rstrip()
    if label not in _ANSWERS:
        return line
    return textwrap.fill(line, width=_WIDTH, subsequent_indent=" " * _LABEL_WIDTH, break_on_hyphens=False)


def _capture_lines(view: dict[str, Any]) -> list[str]:
    capture = view["capture"]
    days = capture["hours"] / _HOURS_A_DAY
    flows = f"{counted(capture['flows'], 'flow')} stored, {counted(capture['repeats'], 'repeat')} removed, "
    flows += f"{counted(capture['reject_lines'], 'line')} unreadable"
    nodes = f"{counted(len(capture['nodes']), 'node')} reported"
    if capture["unavailable_nodes"]:
        nodes += f", {len(capture['unavailable_nodes']):,} unavailable: {', '.join(capture['unavailable_nodes'])}"
    return [
        _line(
            "window",
            f"{_to_the_second(capture['first_seen'])} to {_to_the_second(capture['last_seen'])} ({days:.1f} days)",
        ),
        _line("flows", flows),
        _line("nodes", f"{nodes}; {counted(capture['lost_events'], 'event')} lost"),
    ]


def _to_the_second(iso_time: str) -> str:
    return f"{iso_time[:19]}Z"


def _result_lines(view: dict[str, Any]) -> list[str]:
    found = f"{counted(len(view['workloads']), 'workload')} in {counted(len(view['groups']), 'group')}, "
    found += f"{counted(len(view['policies']), 'policy', 'policies')} ({view['dialect']})"
    parts = [
        f"{item['edges']:,} {item['disposition']}"
        for item in view["answers"]["breaks"]["by_disposition"]
        if item["edges"]
    ]
    lines = [_line("found", found), _line("edges", f"{len(view['edges']):,}: {', '.join(parts)}" if parts else "none")]
    if view["existing"]["sentence"]:
        lines.append(_line("existing", view["existing"]["sentence"]))
    lines.append(_line("verdicts", view["verdicts"]["sentence"]))
    lines.append(_line("missed", view["completeness"]["sentence"]))
    if view["backtest"]:
        lines.append(_line("backtest", view["backtest"]["sentence"]))
    if view["baselines"]:
        covered = (f"{one['kind']} for {counted(len(one['clients']), 'group')}" for one in view["baselines"])
        lines.append(_line("baselines", ", ".join(covered)))
    if view["quarantine"]:
        lines.append(_line("quarantine", _quarantine_text(view["quarantine"])))
    return lines


def _quarantine_text(held: list[dict[str, Any]]) -> str:
    """How many wait, for which reasons, and how many of them a person can release as they are."""
    reasons = Counter(item["reason"].partition(":")[0] for item in held)
    shown = [f"{count:,} {reason}" for reason, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))]
    more = [f"{len(shown) - _TOP_REASONS:,} other reasons"] if len(shown) > _TOP_REASONS else []
    ready = sum(item["proved"] for item in held)
    text = f"{counted(len(held), 'edge')}: {'; '.join([*shown[:_TOP_REASONS], *more])}"
    return f"{text}. With YAML that would allow it: {ready:,}"


def _answer_lines(view: dict[str, Any]) -> list[str]:
    answers = view["answers"]
    return [
        _line("trust", answers["trust"]["sentence"]),
        _line("breaks", answers["breaks"]["sentence"]),
        _line("reach", answers["reach"]["sentence"]),
    ]


def _gap_lines(view: dict[str, Any]) -> list[str]:
    gaps = view["gaps"]
    if not gaps:
        return [_line("findings", "none")]
    counts = Counter(gap["severity"] for gap in gaps)
    lines = [_line("findings", ", ".join(f"{counts[item.value]:,} {item.value}" for item in Severity))]
    for gap in gaps[:_TOP]:
        lines += [f"  {gap['severity']:<7} {gap['code']}  {gap['title']}: {gap['subject']}", f"{'':17} {gap['action']}"]
    if len(gaps) > _TOP:
        lines.append(f"  {len(gaps) - _TOP:,} more in the report")
    return lines


def _file_lines(view: dict[str, Any], output: str) -> list[str]:
    files = sum(len(policy["manifests"]) for policy in view["policies"]) + len(view["baselines"])
    base = output.rstrip("/") or "/"
    lines = [
        _line("report", f"{base}/report.html"),
        _line("data", f"{base}/recommendation.json"),
        _line("manifests", f"{base}/policies/ ({counted(files, 'file')})"),
    ]
    if view["quarantine"]:
        held = {item["file"] for item in view["quarantine"]}
        lines.append(_line("held back", f"{base}/quarantine/ ({counted(len(held), 'file')}; nothing applies them)"))
    return lines
