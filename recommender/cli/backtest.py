"""`netpol-recommend backtest FLOWS…`: do the scores mean anything?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.context import CONTEXT_SETTINGS
from recommender.cli.progress import progress_options
from recommender.cli.reduction import reduction_flags, reduction_options
from recommender.cli.selection import SelectionCommand, selection_from, selection_options

if TYPE_CHECKING:
    from recommender.model.recommendation import Recommendation

EPILOG = """\b
Examples:
  netpol-recommend backtest flows.parquet --inventory inventory.json
  netpol-recommend backtest flows.parquet --namespace shop --format json > backtest.json
"""


@click.command(cls=SelectionCommand, epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("flows", nargs=-1, required=True, metavar="FLOWS…")
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="What `kubectl get … -o json` printed: a file or a directory. May be given several times.",
)
@reduction_options
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Settings file (TOML), as for the main job.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@selection_options
@progress_options
def backtest(
    *,
    flows: tuple[str, ...],
    inventory: tuple[Path, ...],
    config_file: Path | None,
    form: str,
    **options: object,
) -> None:
    """Judge the policies and scores of a window's first part by the rest of it.

    The window is cut at whole days, from two weeks on at whole weeks. Policies are learned on the first part; then
    stand which needed connections of the rest they would have denied, which rules nothing used, and how true the
    predictions, the bounds and the expected number of new connections were. Nobody labelled the flows: what is needed
    in the rest is what the rules of the whole window allow. Nothing is written.
    """
    from recommender.cli.progress import progress_from  # noqa: PLC0415 - heavy imports wait until a command runs
    from recommender.pipeline import run  # noqa: PLC0415
    from recommender.report import build_view, render_json  # noqa: PLC0415
    from recommender.report.backtest_text import render_backtest  # noqa: PLC0415
    from recommender.settings import resolve_settings  # noqa: PLC0415

    settings = resolve_settings(flags=reduction_flags(options), file=config_file)
    with progress_from(options) as progress:
        recommendation = run(
            flows,
            settings=settings,
            inventory_paths=inventory,
            selection=selection_from(options),
            progress=progress,
        )
    if recommendation.backtest is None:
        raise _untestable(recommendation, flows)
    told = build_view(recommendation)["backtest"]
    click.echo(render_json(told) if form == "json" else render_backtest(told), nl=False)


def _untestable(recommendation: Recommendation, flows: tuple[str, ...]) -> Exception:
    from recommender.errors import NoUsableFlowsError  # noqa: PLC0415 - as above

    return NoUsableFlowsError(
        f"a window of {recommendation.capture.days:.1f} days cannot be cut into a part to learn on and one to test",
        where=", ".join(flows),
        hint="give two days of flows or more; two weeks show a weekly rhythm on both sides",
    )
