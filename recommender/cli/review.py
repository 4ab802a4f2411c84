"""`netpol-recommend review`: the report on 127.0.0.1, which saves decisions to their file."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.context import CONTEXT_SETTINGS

EPILOG = """\b
Examples:
  netpol-recommend review reports/week-46
  netpol-recommend review reports/week-46 --decisions decisions.yaml

\b
Exit codes: 0 ended by Ctrl-C or SIGTERM · 2 errors
"""


@click.command(epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--decisions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where decisions are saved; the page starts from what stands there.  [default: DIR/decisions.yaml]",
)
def review(*, directory: Path, decisions: Path | None) -> None:
    """Serve the report of a run to this machine's browser, so that decisions are saved to their file directly.

    DIR is a report directory. Listens on 127.0.0.1 alone, on a port that the system picks; the address that is printed
    holds a token, and nothing answers without it. What is sent is read as --decisions reads it before it takes the
    file's place. Ends by Ctrl-C or SIGTERM. No other command opens a socket.
    """
    from recommender.rollout.serve.decisions_file import DecisionsFile  # noqa: PLC0415 - wanted only when it runs
    from recommender.rollout.serve.server import ReviewServer  # noqa: PLC0415
    from recommender.rollout.serve.session import Session  # noqa: PLC0415

    file = decisions or directory / "decisions.yaml"
    session = Session(directory=directory, decisions=DecisionsFile(path=file))
    session.check()
    server = ReviewServer(session)
    try:
        click.echo(server.url)
        click.echo(f"Decisions are saved to {file}; Ctrl-C ends the review.", err=True)
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("The review has ended.", err=True)
    finally:
        server.finish()
