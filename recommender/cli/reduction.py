"""Options of every command that reduces flows: memory, places and processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., Any]")

_OPTIONS: Final = (
    click.option("--memory-limit", metavar="SIZE", help="Memory for the reduction before it spills.  [default: 2GiB]"),
    click.option(
        "--spill-directory", metavar="DIR", help="Where it spills to.  [default: the system's temporary files]"
    ),
    click.option(
        "--reduction-cache",
        metavar="DIR",
        help="Keep what flows are reduced to in DIR, for the next run over the same flows and inventory.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(0),
        help="Processes that decode raw flows, or do the backtest beside the rest; 0: one a core.  [default: 0]",
    ),
)


def reduction_options(command: Command) -> Command:
    """Add `--memory-limit`, `--spill-directory`, `--reduction-cache` and `--jobs`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def reduction_flags(options: dict[str, Any]) -> dict[str, Any]:
    """What was given of them, by the settings' names; taken out of `options`."""
    return {name: options.pop(name) for name in ("memory_limit", "spill_directory", "reduction_cache", "jobs")}
