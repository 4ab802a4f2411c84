"""`netpol-recommend watch`: what is new since the approved recommendation."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.context import CONTEXT_SETTINGS
from recommender.cli.findings_options import check_findings_options, findings_options, settle_findings
from recommender.cli.progress import progress_options
from recommender.cli.selection import SelectionCommand, selection_from, selection_options

EPILOG = """\b
Examples:
  netpol-recommend ingest /var/hubble/*.log -o flows.parquet && \\
    netpol-recommend watch flows.parquet --report approved --since 35d
  netpol-recommend watch flows.parquet --report approved --format json --fail-on medium > drift.json

\b
Exit codes: 0 done · 1 a finding at or above --fail-on, such as a new connection outside the policies
            2 errors · 3 no usable flows
"""


@click.command(cls=SelectionCommand, epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("store", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--report",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="The approved report: its policies/ and recommendation.json.",
)
@click.option(
    "--decisions",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What people decided: edges excluded and findings accepted there are not told again.  "
    "[default: decisions.yaml of the report, if there is one]",
)
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="What `kubectl get … -o json` printed: pods that no flow shows, and policies in force. Repeatable.",
)
@click.option(
    "--unused-days",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="Tell rules that nothing used for so many days.",
)
@click.option("--memory-limit", metavar="SIZE", help="Memory for the reduction before it spills.  [default: 2GiB]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@findings_options("high")
@progress_options
@selection_options
def watch(
    *,
    store: Path,
    report: Path,
    decisions: Path | None,
    inventory: tuple[Path, ...],
    unused_days: int,
    memory_limit: str | None,
    form: str,
    **options: object,
) -> None:
    """Tell what is new since the approved recommendation, after each ingest; made for a CronJob.

    New connections outside the policies or denied by them, known ones that go on, new suspicious contacts, rules unused
    for long, workloads without a policy; but nothing that people decided already. Days are counted back from the
    store's last flow, so the same store gives the same answer. Looks once and ends; deploy/ has an example.
    """
    from recommender.cli.progress import progress_from  # noqa: PLC0415 - heavy imports wait until a command runs
    from recommender.report import render_json  # noqa: PLC0415
    from recommender.report.printable import printable  # noqa: PLC0415
    from recommender.report.wording import counted  # noqa: PLC0415
    from recommender.reviewing import last_day  # noqa: PLC0415
    from recommender.rollout.policy_side import read_side  # noqa: PLC0415
    from recommender.rollout.verify.replay import verify  # noqa: PLC0415
    from recommender.rollout.watch.drift import drift, drift_view  # noqa: PLC0415
    from recommender.rollout.watch.settled import settled  # noqa: PLC0415
    from recommender.settings import resolve_settings  # noqa: PLC0415

    check_findings_options(options)
    side = read_side(report)
    with progress_from(options) as progress:
        found = verify(
            side,
            [str(store)],
            settings=resolve_settings(flags={"memory_limit": memory_limit}),
            selection=selection_from(options),
            inventory=inventory,
            progress=progress,
        )
    told = settled(side, decisions, day=last_day(found.capture))
    drifted = drift(side, found, unused_days=unused_days, settled=told)
    fails = settle_findings(drifted.findings, options)
    if form == "json":
        click.echo(render_json(drift_view(side, found, drifted, told)), nl=False)
    else:
        for placed in drifted.findings.placed:
            gap = placed.gap
            click.echo(printable(f"{gap.severity.value} {gap.code} {gap.title}: {gap.subject}: {gap.reason}"))
        decided = f", {len(drifted.decided)} more decided already" if drifted.decided else ""
        click.echo(f"{counted(len(drifted.findings.placed), 'finding')} in {found.capture.window_text}{decided}")
    if fails:
        raise click.exceptions.Exit(1)
