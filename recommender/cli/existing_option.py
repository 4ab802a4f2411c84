"""The flag that says whether policies in force count beside those that a command is given."""

from __future__ import annotations

import click

existing_option = click.option(
    "--existing",
    type=click.Choice(["beside", "ignore"]),
    default="beside",
    show_default=True,
    help="Policies in force (of the inventory, or else of the report) that POLICIES does not hold: judge them beside "
    "it, or leave them out.",
)
