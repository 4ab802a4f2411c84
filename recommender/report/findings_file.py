"""A file with the findings alone, its form told by its ending."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recommender.errors import ReportError, UsageError
from recommender.report.findings_annotations import render_annotations
from recommender.report.findings_forms import render_findings_json, render_junit, render_sarif
from recommender.report.findings_markdown import render_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

    from recommender.report.findings_verdict import Verdict
    from recommender.report.findings_view import FindingsView

_FORMS: Final[dict[str, Callable[[FindingsView, Verdict], str]]] = {
    ".sarif": render_sarif,
    ".xml": render_junit,
    ".json": render_findings_json,
    ".md": render_markdown,
    ".annotations": render_annotations,
}


def check_findings_file(path: Path) -> None:
    """Refuse an ending that stands for no form, before any work is done.

    Raises:
        UsageError: the ending is none of the known ones.
    """
    if path.suffix not in _FORMS:
        raise UsageError(
            "no form of findings has this ending",
            where=str(path),
            hint=".sarif, .xml (JUnit), .json, .md or .annotations (GitHub), such as npr.sarif",
        )


def write_findings_file(findings: FindingsView, path: Path, verdict: Verdict) -> None:
    """Write the findings in the form that the ending names, whole or not at all.

    Raises:
        UsageError: the ending is none of the known ones.
        ReportError: the file system fails.
    """
    check_findings_file(path)
    text = _FORMS[path.suffix](findings, verdict)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", newline="\n", delete=False) as staged:
            staged.write(text)
        Path(staged.name).chmod(0o644)
        Path(staged.name).replace(path)
    except OSError as error:
        raise ReportError(
            f"the findings cannot be written: {error.strerror or error}", where=str(path), hint="another --findings"
        ) from error
