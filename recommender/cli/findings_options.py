"""The flags about findings that several commands share: what fails, what is ignored, which files are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from recommender.model.findings import Findings

_Decorated = TypeVar("_Decorated", bound="Callable[..., Any] | click.Command")


def findings_options(default: str) -> Callable[[_Decorated], _Decorated]:
    """Add `--fail-on` with this default, `--ignore` and `--findings` to a command."""

    def decorate(command: _Decorated) -> _Decorated:
        for option in reversed(_options(default)):
            command = option(command)
        return command

    return decorate


def _options(default: str) -> tuple[Callable[[Any], Any], ...]:
    return (
        click.option(
            "--fail-on",
            type=click.Choice(["high", "medium", "low", "info", "never"]),
            default=default,
            show_default=True,
            help="Exit with 1 if a finding is at least this severe.",
        ),
        click.option(
            "--ignore",
            metavar="CODE",
            multiple=True,
            help="Code of findings that never make it fail; they are told all the same. Repeatable.",
        ),
        click.option(
            "--findings",
            "findings_files",
            type=click.Path(path_type=Path, dir_okay=False),
            multiple=True,
            help="Also write the findings, as the ending says: .sarif, .xml (JUnit), .json, .md or "
            ".annotations (GitHub workflow commands). Repeatable.",
        ),
    )


def check_findings_options(options: Mapping[str, Any]) -> None:
    """Refuse an unknown ending or code before any work is done.

    Raises:
        UsageError: No form of findings has this ending.
    """
    from recommender.report.findings_file import check_findings_file  # noqa: PLC0415 - wanted only when a command runs

    for path in options["findings_files"]:
        check_findings_file(path)


def settle_findings(findings: Findings, options: Mapping[str, Any]) -> bool:
    """Write the files that were asked for; whether a finding fails the command."""
    from recommender.model.gap import Severity  # noqa: PLC0415 - as above
    from recommender.report.findings_file import write_findings_file  # noqa: PLC0415
    from recommender.report.findings_verdict import verdict_of  # noqa: PLC0415
    from recommender.report.findings_view import placed_findings  # noqa: PLC0415

    fail_on = None if options["fail_on"] == "never" else Severity(options["fail_on"])
    verdict, told = verdict_of(fail_on, options["ignore"]), placed_findings(findings)
    for path in options["findings_files"]:
        write_findings_file(told, path, verdict)
    return any(verdict.fails(row) for row in told.rows)
