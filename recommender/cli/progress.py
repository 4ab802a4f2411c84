"""Progress on stderr: a bar on a terminal, one line a stage elsewhere, nothing with --quiet."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import rich.progress

    from recommender.model.decoded import DecodedBatch

_LARGE: Final = 100_000_000
"""From so many bytes on, tenths of a megabyte only take room."""
_Decorated = TypeVar("_Decorated", bound="Callable[..., Any] | click.Command")


class Progress(Protocol):
    """Is told of stages and batches."""

    def stage(self, name: str, *, total_bytes: int = 0) -> None:
        """A stage begins; the bytes to read, if they are known."""

    def batch(self, batch: DecodedBatch) -> None:
        """A batch of flows was decoded."""


class QuietProgress:
    """Shows nothing."""

    def stage(self, name: str, *, total_bytes: int = 0) -> None:
        """Show nothing of the stage."""

    def batch(self, batch: DecodedBatch) -> None:
        """Show nothing of the batch."""


class LineProgress:
    """One line a stage, for logs and pipes."""

    def stage(self, name: str, *, total_bytes: int = 0) -> None:
        """Print the stage."""
        size = f" ({total_bytes / 1e6:,.1f} MB)" if total_bytes else ""
        click.echo(f"{name}{size}", err=True)

    def batch(self, batch: DecodedBatch) -> None:
        """Say nothing: a log needs no counter."""


class BarProgress:
    """A bar for the stage under way: bytes, flows a second, records that could not be read."""

    def __init__(self, bars: rich.progress.Progress) -> None:
        self._bars = bars
        self._task: rich.progress.TaskID | None = None
        self._flows = 0
        self._rejects = 0
        self._bytes = 0

    def stage(self, name: str, *, total_bytes: int = 0) -> None:
        """Finish the bar before and start one for this stage."""
        self.finish()
        self._flows = self._rejects = self._bytes = 0
        self._task = self._bars.add_task(name, total=total_bytes or None, counts="")

    def batch(self, batch: DecodedBatch) -> None:
        """Move the bar by the bytes that were read for the batch."""
        if self._task is None:
            self.stage("reading flows")
        task = self._task
        assert task is not None  # noqa: S101 - stage() has just set it
        self._flows += batch.flows.num_rows
        self._rejects += batch.rejects.num_rows
        self._bytes += batch.bytes_read
        shown = self._bars.tasks[self._bars.task_ids.index(task)]
        whole = f"/{_megabytes(int(shown.total))}" if shown.total else ""
        unread = f", {self._rejects:,} rejects" if self._rejects else ""
        rate = f", {self._flows / shown.elapsed:,.0f} flows/s" if shown.elapsed else ""
        counts = f"{_megabytes(self._bytes)}{whole} MB, {self._flows:,} flows{unread}{rate}"
        self._bars.update(task, advance=batch.bytes_read, counts=counts)

    def finish(self) -> None:
        """Fill the bar of the stage that has ended."""
        if self._task is not None:
            done = self._bars.tasks[self._bars.task_ids.index(self._task)].completed or 1
            self._bars.update(self._task, total=done, completed=done)
            self._task = None


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.{0 if count >= _LARGE else 1}f}"


def progress_options(command: _Decorated) -> _Decorated:
    """Add `--quiet` to a command."""
    quiet: Callable[[_Decorated], _Decorated] = click.option(
        "-q", "--quiet", is_flag=True, help="No progress on stderr; errors still show."
    )
    return quiet(command)


@contextmanager
def progress_from(options: Mapping[str, Any]) -> Iterator[Progress]:
    """Give the progress display for a command's options and for where stderr goes; NO_COLOR is obeyed."""
    if options.get("quiet"):
        yield QuietProgress()
    elif not sys.stderr.isatty():
        yield LineProgress()
    else:
        with _bars() as bars:
            progress = BarProgress(bars)
            yield progress
            progress.finish()


def _bars() -> rich.progress.Progress:
    from rich.console import Console  # noqa: PLC0415 - needed on a terminal only
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415
    from rich.table import Column  # noqa: PLC0415

    def text(template: str) -> TextColumn:
        return TextColumn(template, markup=False, table_column=Column(no_wrap=True))

    return Bars(
        text("{task.description}"),
        BarColumn(bar_width=16),
        text("{task.fields[counts]}"),
        TimeElapsedColumn(table_column=Column(no_wrap=True)),
        console=Console(stderr=True),
    )
