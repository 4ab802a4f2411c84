"""`netpol-recommend`: the group of commands, with the main job as the default one."""

from __future__ import annotations

import importlib
import os
import signal
import traceback
from typing import Final, NoReturn

import click

from recommender import __version__
from recommender.cli.context import CONTEXT_SETTINGS
from recommender.errors import NetpolRecommendError
from recommender.frugal_arrow import FRUGAL_ARROW

COMMANDS: Final = {
    "recommend": ("recommender.cli.recommend", "Recommend policies for a window of flows (the main job)."),
    "ingest": ("recommender.cli.ingest", "Turn Hubble flow logs into a flow dataset."),
    "explain": ("recommender.cli.explain", "Say why a connection passes the policies, or not."),
    "connectivity": ("recommender.cli.connectivity", "Show who may reach whom, by all policies together."),
    "backtest": ("recommender.cli.backtest", "Judge the scores by the last part of the window."),
    "diff": ("recommender.cli.diff", "Show what changes between two sets of policies."),
    "verify": ("recommender.cli.verify", "Replay flows against policies: what passes, what would be denied."),
    "lint": ("recommender.cli.lint", "Tell the traps in manifests, with fixes."),
    "review": ("recommender.cli.review", "Serve a report on 127.0.0.1; decisions are saved to their file."),
    "rollout": ("recommender.cli.rollout", "Write the way from a report to enforcement, in waves."),
    "watch": ("recommender.cli.watch", "Tell what is new since the approved recommendation."),
    "reachability-tests": ("recommender.cli.reachability", "Write tests of who reaches whom in the cluster."),
    "config": ("recommender.cli.config", "Show every setting, its value and where it comes from."),
    "schema": ("recommender.cli.schema", "Print the JSON Schema of recommendation.json."),
}
DEFAULT_COMMAND: Final = "recommend"
OWN_OPTIONS: Final = frozenset({"--help", "-h", "--version"})

TRACEBACK_VARIABLE: Final = "NETPOL_RECOMMEND_TRACEBACK"

EPILOG: Final = """\b
Examples:
  netpol-recommend ingest events-*.log.gz -o flows.parquet
  netpol-recommend flows.parquet --inventory inventory.json -o reports/week-46
  netpol-recommend flows.parquet --dialect kubernetes --fail-on high

\b
`netpol-recommend FLOWS…` is short for `netpol-recommend recommend FLOWS…`.
Exit codes: 0 done · 1 findings at or above --fail-on, or the replay proof fails
            2 usage or tool error · 3 no usable flows
"""


class CommandGroup(click.Group):
    """Loads a command's module only when it runs, and takes arguments without a command as the main job's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a newcomer needs them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command of the same name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name.replace("-", "_"))
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the default command where none is named."""
        if args and args[0] not in COMMANDS and args[0] not in OWN_OPTIONS:
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=CommandGroup,
    epilog=EPILOG,
    context_settings=CONTEXT_SETTINGS,
    subcommand_metavar="[COMMAND] FLOWS… [OPTIONS]",
)
@click.version_option(__version__, prog_name="netpol-recommend")
def netpol_recommend() -> None:
    """Least-privilege network policies from Cilium/Hubble flow logs.

    Reads days of flows taken in policy-audit mode, groups workloads by label sets, and writes allow-list policies with
    confidence, gaps, a report, and a proof that every needed connection still passes. It writes files and never
    touches a cluster.
    """


def main() -> NoReturn:
    """Run the command line; whatever goes wrong becomes a message and an exit code, never a traceback."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: temporary files are removed
    os.environ.setdefault(*FRUGAL_ARROW)
    try:
        result = netpol_recommend.main(standalone_mode=False)
    except NetpolRecommendError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(error.exit_code) from None
    except click.exceptions.Abort:
        click.echo("Interrupted; nothing half-written is left.", err=True)
        raise SystemExit(2) from None
    except click.exceptions.Exit as ending:
        raise SystemExit(ending.exit_code) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(2) from None
    except Exception as error:  # noqa: BLE001 - exit code 1 would claim findings
        _show_internal_error(error)
        raise SystemExit(2) from None
    # Outside its standalone mode click returns a command's `Exit` code instead of raising it.
    raise SystemExit(result if isinstance(result, int) else 0)


def _show_internal_error(error: Exception) -> None:
    """Say that this is our mistake, and what a report of it needs."""
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error)
    click.echo(
        f"Error: internal error: {type(error).__name__}: {error}\n"
        f"Try: the same command with {TRACEBACK_VARIABLE}=1, and report what it prints; it is not your mistake",
        err=True,
    )
