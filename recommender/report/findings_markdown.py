"""The findings as Markdown: for a comment on a change, a job's summary, or a ticket."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from recommender.model.findings import REPORT_FILE
from recommender.model.gap import Severity
from recommender.report.folded_gaps import folded_gaps
from recommender.report.markdown_text import code, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.report.findings_verdict import Verdict
    from recommender.report.findings_view import FindingsView


def render_markdown(findings: FindingsView, verdict: Verdict) -> str:
    """The checks, a table of counts, then every finding below its code, worst first (GitHub Flavored Markdown)."""
    return "\n".join(_lines(findings, verdict)) + "\n"


def _lines(findings: FindingsView, verdict: Verdict) -> Iterator[str]:
    yield "# Findings of netpol-recommend"
    yield ""
    for check in findings.checks:
        yield f"- {'✕' if check.failure else '✓'} {sentence(check.name)}{_after(': ', check.failure)}"
    yield ""
    if not findings.rows:
        yield "No findings."
        return
    yield from _counts(findings.rows, verdict)
    severity = ""
    for fold in folded_gaps(findings.rows):
        if fold["severity"] != severity:
            severity = fold["severity"]
            yield from ("", f"## {severity.capitalize()}")
        yield from _fold(fold, verdict)


def _counts(rows: tuple[dict[str, Any], ...], verdict: Verdict) -> Iterator[str]:
    found = Counter(row["severity"] for row in rows)
    failing = Counter(row["severity"] for row in rows if verdict.fails(row))
    excused = Counter(row["severity"] for row in rows if verdict.excuse(row))
    yield "| severity | findings | fail | ignored or accepted |"
    yield "|---|--:|--:|--:|"
    for severity in Severity:
        if found[severity]:
            yield f"| {severity.value} | {found[severity]} | {failing[severity]} | {excused[severity]} |"


def _fold(fold: dict[str, Any], verdict: Verdict) -> Iterator[str]:
    yield from ("", f"### {fold['code']} {sentence(fold['title'])}", "")
    for row in fold["gaps"]:
        told = [f"{code(row['subject'])}: {sentence(row['reason'])}"]
        told += ["**fails**"] if verdict.fails(row) else []
        told += [f"does not count: {sentence(verdict.excuse(row))}"] if verdict.excuse(row) else []
        told += [f"at {code(_place(row))}"] if row["place"]["file"] != REPORT_FILE else []
        yield f"- {' · '.join(told)}"
        for key in ("impact", "action"):
            if not fold[key]:
                yield f"  - {sentence(row[key])}"
        if row["examples"]:
            yield f"  - such as {', '.join(map(code, row['examples']))}"
    for title, key in (("Why it matters", "impact"), ("What to do", "action")):
        if fold[key]:
            yield from ("", f"{title}: {sentence(fold[key])}")


def _place(row: dict[str, Any]) -> str:
    return f"{row['place']['file']}:{row['place']['line']}"


def _after(before: str, text: str) -> str:
    return f"{before}{sentence(text)}" if text else ""
