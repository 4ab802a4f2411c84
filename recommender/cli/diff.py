"""`netpol-recommend diff`: what changes between two sets of policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.context import CONTEXT_SETTINGS

if TYPE_CHECKING:
    from recommender.rollout.diff.change import PolicyDiff

EPILOG = """\b
Examples:
  netpol-recommend diff reports/week-46 reports/week-47
  netpol-recommend diff main/k8s branch/k8s --inventory inventory.json --fail-on widened --format markdown
  netpol-recommend diff k8s/ reports/week-46/policies --no-text

\b
Exit codes: 0 done · 1 something that --fail-on names · 2 errors
"""


@click.command(epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="What `kubectl get … -o json` printed. May be given several times.  [default: the reports' workloads]",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="recommendation.json with workloads and evidence.  [default: those in or beside OLD and NEW]",
)
@click.option(
    "--existing",
    type=click.Choice(["beside", "ignore"]),
    default="beside",
    show_default=True,
    help="Policies in force that neither side holds: judge them beside both, or leave them out.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["widened", "narrowed", "cut", "any", "never"]),
    default="never",
    show_default=True,
    help="Exit with 1 if something passes that did not, is denied that was not, if a needed edge of the reports is "
    "cut, or if anything differs.",
)
@click.option("--text/--no-text", "with_text", default=True, help="Show how the documents differ.  [default: --text]")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def diff(
    *,
    old: Path,
    new: Path,
    inventory: tuple[Path, ...],
    report: Path | None,
    existing: str,
    fail_on: str,
    with_text: bool,
    form: str,
) -> None:
    """Show which connections pass by the NEW policies and not by the OLD ones, and the other way round.

    OLD and NEW are report directories, recommendation.json files, directories of manifests or single files. Pairs of
    workloads, entities and outside addresses are judged by the evaluator, exact to the port; the text of the documents
    is shown beside it. Pairs that were seen in a report carry its evidence.
    """
    from recommender.report import render_json  # noqa: PLC0415 - heavy imports wait until a command runs
    from recommender.report.printable import printable  # noqa: PLC0415
    from recommender.rollout.diff.difference import difference  # noqa: PLC0415
    from recommender.rollout.diff.view import diff_view  # noqa: PLC0415
    from recommender.rollout.diff.wording import markdown_lines, text_lines  # noqa: PLC0415

    found = difference(old, new, inventory=inventory, report=report, with_existing=existing == "beside")
    match form:
        case "json":
            click.echo(render_json(diff_view(found)), nl=False)
        case "markdown":
            click.echo("\n".join(markdown_lines(found, with_text=with_text)))
        case _:
            click.echo("\n".join(printable(line) for line in text_lines(found, with_text=with_text)))
    if _fails(found, fail_on):
        raise click.exceptions.Exit(1)


def _fails(found: PolicyDiff, fail_on: str) -> bool:
    return {
        "widened": found.opens,
        "narrowed": found.closes,
        "cut": bool(found.cuts),
        "any": found.differs or bool(found.policies),
        "never": False,
    }[fail_on]
