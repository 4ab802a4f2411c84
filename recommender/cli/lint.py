"""`netpol-recommend lint`: the traps that manifests fell into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.context import CONTEXT_SETTINGS
from recommender.cli.findings_options import check_findings_options, findings_options, settle_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.cni import Cni
    from recommender.model.findings import Findings

EPILOG = """\b
Examples:
  netpol-recommend lint k8s/ --inventory inventory.json
  netpol-recommend lint k8s/ --cni flannel --findings lint.sarif
  netpol-recommend lint k8s/ --inventory inventory.json --fix

\b
Exit codes: 0 done · 1 a finding at or above --fail-on · 2 errors
"""


@click.command(epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("manifests", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="What `kubectl get … -o json` printed: whose labels and addresses there are. Repeatable.",
)
@click.option(
    "--cni", metavar="NAME[@VERSION]", help="Network plugin: what it ignores.  [default: by the inventory's DaemonSets]"
)
@click.option(
    "--fix", "with_fix", is_flag=True, help="Correct what can be corrected with the meaning proved to stay the same."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@findings_options("high")
def lint(
    *, manifests: Path, inventory: tuple[Path, ...], cni: str | None, with_fix: bool, form: str, **options: object
) -> None:
    """Tell the traps in manifests, ours or anybody's, each with its line, why it matters and what to do.

    With an inventory also selectors that match nobody, addresses of the cluster's own pods, and ports that no server
    has. With --fix only texts change, never what passes: the evaluator proves every fix before it is written.
    """
    from recommender.report.findings_forms import render_findings_json  # noqa: PLC0415 - heavy imports wait
    from recommender.report.findings_verdict import verdict_of  # noqa: PLC0415
    from recommender.report.findings_view import placed_findings  # noqa: PLC0415
    from recommender.report.printable import printable  # noqa: PLC0415
    from recommender.rollout.lint.examine import findings_of_lint, manifest_set  # noqa: PLC0415
    from recommender.rollout.policy_side import read_side  # noqa: PLC0415

    check_findings_options(options)
    plugin = _plugin(cni)
    side = read_side(manifests)
    if with_fix:
        for line in _fix(manifests, inventory):
            click.echo(printable(line), err=True)
        side = read_side(manifests)
    found = findings_of_lint(manifest_set(side, inventory=inventory, cni=plugin))
    fails = settle_findings(found, options)
    if form == "json":
        click.echo(render_findings_json(placed_findings(found), verdict_of(None, ())), nl=False)
    else:
        click.echo("\n".join(printable(line) for line in _lines(found)))
    if fails:
        raise click.exceptions.Exit(1)


def _plugin(text: str | None) -> Cni | None:
    from recommender.settings import resolve_settings  # noqa: PLC0415 - as above

    return resolve_settings(flags={"cni": text}).cni() if text else None


def _fix(path: Path, inventory: tuple[Path, ...]) -> Iterator[str]:
    from recommender.errors import UsageError  # noqa: PLC0415 - as above
    from recommender.judging import manifests_at  # noqa: PLC0415
    from recommender.rollout.cluster_picture import picture_of  # noqa: PLC0415
    from recommender.rollout.lint.examine import manifest_set  # noqa: PLC0415
    from recommender.rollout.lint.fixes import changed_texts, described, fix  # noqa: PLC0415
    from recommender.rollout.policy_side import POLICIES, REPORT, read_side  # noqa: PLC0415
    from recommender.rollout.written_files import replace_text  # noqa: PLC0415

    if path.name == REPORT:
        raise UsageError("a recommendation.json cannot be corrected", where=str(path), hint="give the manifests")
    side = read_side(path)
    place = path / POLICIES if path.is_dir() and (path / REPORT).is_file() else path
    fixed = fix(
        manifest_set(side, inventory=inventory),
        changed_texts(manifests_at(place)),
        picture_of((side,), inventory=inventory),
    )
    for name, text in fixed.texts.items():
        replace_text(Path(name), text)
    yield from described(fixed.fixes)


def _lines(found: Findings) -> Iterator[str]:
    from recommender.report.wording import counted  # noqa: PLC0415 - as above

    for placed in found.placed:
        gap = placed.gap
        yield f"{placed.file}:{placed.line}: {gap.severity.value} {gap.code} {gap.title}: {gap.subject}: {gap.reason}"
        yield f"    {gap.impact} {gap.action}"
    worst = [placed.gap.severity.value for placed in found.placed]
    counts = ", ".join(f"{worst.count(name)} {name}" for name in dict.fromkeys(worst))
    yield f"{counted(len(worst), 'finding')}: {counts}" if worst else "no findings"
