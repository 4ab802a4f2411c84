"""`netpol-recommend verify`: any flows replayed against any manifests."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.context import CONTEXT_SETTINGS
from recommender.cli.existing_option import existing_option
from recommender.cli.findings_options import check_findings_options, findings_options, settle_findings
from recommender.cli.progress import progress_options
from recommender.cli.selection import SelectionCommand, selection_from, selection_options

EPILOG = """\b
Examples:
  netpol-recommend verify reports/week-46/policies week-47.parquet --inventory inventory.json
  netpol-recommend verify k8s/ staging/*.log.gz --findings verify.sarif --findings verify.xml
  netpol-recommend verify k8s/ flows.parquet --fail-on low --ignore NPR956

\b
Exit codes: 0 done · 1 a finding at or above --fail-on, such as a needed connection that would be denied
            2 errors · 3 no usable flows
"""


@click.command(cls=SelectionCommand, epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("policies", type=click.Path(path_type=Path, exists=True))
@click.argument("flows", nargs=-1, required=True, metavar="FLOWS…")
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="What `kubectl get … -o json` printed: pods that no flow shows, and policies in force. Repeatable.",
)
@existing_option
@click.option("--memory-limit", metavar="SIZE", help="Memory for the reduction before it spills.  [default: 2GiB]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@findings_options("high")
@progress_options
@selection_options
def verify(
    *,
    policies: Path,
    flows: tuple[str, ...],
    inventory: tuple[Path, ...],
    existing: str,
    memory_limit: str | None,
    form: str,
    **options: object,
) -> None:
    """Replay flows against manifests: what passes, what would be denied and by what, what is allowed and never used.

    POLICIES is a report directory, a recommendation.json, a directory of manifests or a file, ours or anybody's. FLOWS
    is a dataset or raw Hubble files: a later window, another environment's. What is needed among them is decided as the
    main job does; scans and the like must not pass.
    """
    from recommender.cli.progress import progress_from  # noqa: PLC0415 - heavy imports wait until a command runs
    from recommender.report import render_json  # noqa: PLC0415
    from recommender.report.printable import printable  # noqa: PLC0415
    from recommender.rollout.policy_side import read_side  # noqa: PLC0415
    from recommender.rollout.verify.findings import findings_of_replay  # noqa: PLC0415
    from recommender.rollout.verify.replay import verify as replay  # noqa: PLC0415
    from recommender.rollout.verify.wording import replay_view, text_lines  # noqa: PLC0415
    from recommender.settings import resolve_settings  # noqa: PLC0415

    check_findings_options(options)
    side = read_side(policies)
    with progress_from(options) as progress:
        found = replay(
            side,
            flows,
            settings=resolve_settings(flags={"memory_limit": memory_limit}),
            selection=selection_from(options),
            inventory=inventory,
            with_existing=existing == "beside",
            progress=progress,
        )
    fails = settle_findings(findings_of_replay(found), options)
    if form == "json":
        click.echo(render_json(replay_view(found)), nl=False)
    else:
        click.echo("\n".join(printable(line) for line in text_lines(found)))
    if fails:
        raise click.exceptions.Exit(1)
