"""`netpol-recommend schema`: the machine-readable contract of recommendation.json."""

from __future__ import annotations

import click

from recommender.cli.context import CONTEXT_SETTINGS


@click.command(context_settings=CONTEXT_SETTINGS)
def schema() -> None:
    """Print the JSON Schema of recommendation.json."""
    from recommender.report import render_json, view_schema  # noqa: PLC0415 - heavy imports wait until a command runs

    click.echo(render_json(view_schema()), nl=False)
