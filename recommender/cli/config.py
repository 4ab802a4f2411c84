"""`netpol-recommend config`: what is set, and by whom."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.context import CONTEXT_SETTINGS


@click.command(context_settings=CONTEXT_SETTINGS)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Settings file (TOML).  [default: netpol-recommend.toml, if there]",
)
def config(config_file: Path | None) -> None:
    """Show every setting, its value and where it comes from.

    Settings are taken from the defaults, then the settings file, then NETPOL_RECOMMEND_* variables, then flags; the
    last one wins.
    """
    from recommender.settings import resolve_settings  # noqa: PLC0415 - heavy imports wait until a command runs

    values = resolve_settings(file=config_file).values()
    width = max(len(value.name) for value in values)
    for value in values:
        click.echo(f"{value.name:<{width}}  {value.value}  ({value.origin})")
