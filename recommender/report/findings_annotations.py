"""The findings as workflow commands, which GitHub Actions shows as annotations when a step prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from recommender.model.findings import REPORT_FILE
from recommender.model.gap import Severity
from recommender.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.report.findings_verdict import Verdict
    from recommender.report.findings_view import FindingsView

_LEVELS: Final = {
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}
_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}
"""What a command's message and its properties must not hold as such (actions/toolkit, `core/src/command.ts`)."""


def render_annotations(findings: FindingsView, verdict: Verdict) -> str:
    """One line a check that fails and a line a finding, those that fail the run first, then worst first.

    Errors are what fails or is high, notices what is low, ignored or accepted. GitHub shows ten of each level a step,
    so the order counts. A finding has a file and a line only where it is about one of a repository.
    """
    lines = [
        _command("error", {"title": f"netpol-recommend: {check.kind}"}, [f"{check.name}: {check.failure}"])
        for check in findings.checks
        if check.failure
    ]
    lines += [_annotation(row, verdict) for row in sorted(findings.rows, key=lambda row: not verdict.fails(row))]
    return "".join(f"{line}\n" for line in lines)


def _annotation(row: dict[str, Any], verdict: Verdict) -> str:
    properties = {}
    if row["place"]["file"] != REPORT_FILE:
        properties = {"file": row["place"]["file"], "line": str(row["place"]["line"])}
    properties["title"] = f"{row['code']} {row['title']}"
    message = [f"{row['subject']}: {row['reason']}", row["impact"], row["action"]]
    excuse = verdict.excuse(row)
    if excuse:
        message.append(f"Does not count: {excuse}")
    level = "error" if verdict.fails(row) else "notice" if excuse else _LEVELS[Severity(row["severity"])]
    return _command(level, properties, message)


def _command(level: str, properties: dict[str, str], lines: list[str]) -> str:
    told = ",".join(f"{name}={_escaped(printable(value), _PROPERTY)}" for name, value in properties.items())
    message = _escaped("\n".join(map(printable, lines)), _DATA)
    return f"::{level} {told}::{message}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
