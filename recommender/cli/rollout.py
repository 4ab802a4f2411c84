"""`netpol-recommend rollout`: waves from a report to enforcement."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.context import CONTEXT_SETTINGS

EPILOG = """\b
Examples:
  netpol-recommend rollout reports/week-46
  netpol-recommend rollout reports/week-46 --environments dev=shop-dev,staging=*-staging -o rollout
  netpol-recommend rollout reports/week-46 --production stage --wave-size 5
"""


@click.command(epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("report_dir", type=click.Path(path_type=Path, exists=True))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write; an earlier rollout there is replaced.  [default: REPORT_DIR-rollout]",
)
@click.option(
    "--environments",
    metavar="ENV=NAMESPACE[,NAMESPACE…]",
    multiple=True,
    help="Namespaces (or CLUSTER/NAMESPACE; * for any text) that are dev or staging; all others are production. "
    "Repeatable.",
)
@click.option(
    "--production",
    type=click.Choice(["enforce", "stage"]),
    default="enforce",
    show_default=True,
    help="Least verdict with which a policy is enforced in production.",
)
@click.option("--wave-size", type=click.IntRange(min=1), default=10, show_default=True, help="Policies of a wave.")
def rollout(
    *, report_dir: Path, output: Path | None, environments: tuple[str, ...], production: str, wave_size: int
) -> None:
    """Write the way from a report to enforcement: waves with commands, a stop rule as a number, and a way back.

    Shared rules first; then dev, staging (audited, then enforced) and production (audited, then enforced), ingress
    before egress, policies in the order of blast radius times the probability of a break. At no moment between two
    objects, there or back, is a needed edge denied: the evaluator checks each. Nothing is applied.
    """
    from recommender.report.printable import printable  # noqa: PLC0415 - heavy imports wait until a command runs
    from recommender.report.wording import counted  # noqa: PLC0415
    from recommender.rollout.policy_side import read_side  # noqa: PLC0415
    from recommender.rollout.waves.environments import Environments  # noqa: PLC0415
    from recommender.rollout.waves.files import plan_files  # noqa: PLC0415
    from recommender.rollout.waves.make_plan import make_plan  # noqa: PLC0415
    from recommender.rollout.written_files import write_directory  # noqa: PLC0415

    chosen = Environments.parse(environments)
    plan = make_plan(read_side(report_dir), environments=chosen, production=production, wave_size=wave_size)
    directory = output or report_dir.with_name(f"{report_dir.resolve().name}-rollout")
    write_directory(directory, plan_files(plan), kind="rollout")
    for wave in plan.waves:
        wait = f"wait {counted(wave.wait_days, 'day')}, stop above {wave.stop_above}" if wave.candidates else "no wait"
        click.echo(printable(f"{wave.name}: {counted(len(wave.objects), 'object')}, {wait}"))
    if plan.in_force:
        click.echo(f"in force already, in no wave: {counted(len(plan.in_force), 'policy', 'policies')}")
    for item in plan.waiting:
        click.echo(printable(f"waits: {item.candidate.item} ({item.environment}): {item.candidate.reason}"))
    click.echo(printable(f"written to {directory}/"))
    click.echo(f"proof: {plan.judged_text}, {plan.edges} needed edges pass at each")
