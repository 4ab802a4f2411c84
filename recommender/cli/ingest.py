"""`netpol-recommend ingest`: Hubble flow logs into a flow dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.context import CONTEXT_SETTINGS
from recommender.cli.progress import progress_from, progress_options
from recommender.cli.selection import SelectionCommand, selection_from, selection_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recommender.cli.progress import Progress
    from recommender.ingest import CaptureReader
    from recommender.model.capture import RejectCount
    from recommender.model.decoded import DecodedBatch
    from recommender.model.ingest_summary import IngestSummary
    from recommender.model.ingested_file import IngestedFile

EPILOG = """\b
Examples:
  netpol-recommend ingest events-*.log.gz -o flows.parquet
  hubble observe --last 100000 -o jsonpb | netpol-recommend ingest - -o flows.parquet
  netpol-recommend ingest logs/ -o shop.parquet --namespace shop --since 7d
  netpol-recommend ingest logs/ -o flows.parquet --not --from-ip 192.0.2.0/24

\b
Exit codes: 0 done · 2 usage or tool error · 3 no usable flows
"""
_NODES_SHOWN = 8


@click.command(cls=SelectionCommand, epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Dataset to make or to add to, such as flows.parquet.",
)
@click.option("--single-file", is_flag=True, help="Write one Parquet file instead of a folder of parts.")
@click.option("--strict", is_flag=True, help="Stop at the first record that cannot be read; nothing is written.")
@click.option("--jobs", type=click.IntRange(0), help="Processes that decode; 0: one a core.  [default: 0]")
@click.option("--memory-limit", metavar="SIZE", help="Memory for finding repeats before it spills.  [default: 256MB]")
@progress_options
@selection_options
def ingest(
    sources: tuple[str, ...],
    output: Path,
    *,
    single_file: bool,
    strict: bool,
    jobs: int | None,
    memory_limit: str | None,
    **options: object,
) -> None:
    """Turn Hubble flow logs into a flow dataset.

    SOURCE is a file (plain, gzip, zstd), a folder, a glob, or `-` for standard input, as written by
    `hubble observe -o jsonpb` or by the Hubble exporter. An existing dataset is added to: files that it has already,
    under any name, are not read again, of those that have grown only the new lines; flows that overlap are counted as
    repeats. An ingest that was killed goes on where it was when it is started again.
    """
    from recommender.errors import NoUsableFlowsError, UsageError  # noqa: PLC0415 - imports wait until a command runs
    from recommender.ingest import CaptureReader, expand_sources  # noqa: PLC0415
    from recommender.settings import resolve_settings  # noqa: PLC0415
    from recommender.store import check_selection, ingest_flows  # noqa: PLC0415

    if str(output) == "-":
        raise UsageError("a dataset cannot go to standard output", where="-o", hint="-o flows.parquet")
    selection = selection_from(options)
    check_selection(selection)
    found = expand_sources(sources, without=output)
    processes = resolve_settings(flags={"jobs": jobs}).processes
    limit = {"memory_limit": memory_limit} if memory_limit else {}
    with progress_from(options) as progress:
        progress.stage("reading flows", total_bytes=sum(source.size for source in found))
        summary = ingest_flows(
            _Announced(CaptureReader(found, strict=strict, jobs=processes), progress),
            output,
            selection=selection,
            single_file=single_file,
            on_batch=progress.batch,
            **limit,
        )
    click.echo("\n".join(summary_lines(summary, output)))
    if not summary.total_flows:
        raise NoUsableFlowsError(
            f"no flow was stored ({_reasons(summary)})",
            where=", ".join(sources),
            hint="hubble observe -o jsonpb > flows.json, or fewer selection flags",
        )


class _Announced:
    """A reader that tells when it is through."""

    def __init__(self, reader: CaptureReader, progress: Progress) -> None:
        self._reader = reader
        self._progress = progress

    def holds(self, files: Sequence[IngestedFile]) -> bool:
        return self._reader.holds(files)

    def batches(self, known: Iterable[IngestedFile]) -> Iterator[DecodedBatch]:
        yield from self._reader.batches(known)
        self._progress.stage("removing repeats and writing")


def _reasons(summary: IngestSummary) -> str:
    unread = sum(reject.lines for reject in summary.rejects)
    return f"{summary.records:,} flow records, {summary.deselected:,} of them deselected, {unread:,} unreadable"


def summary_lines(summary: IngestSummary, output: Path) -> list[str]:
    """What an ingest did, line by line; text from captures is made printable."""
    counts = f"{summary.new_flows:,} new; {summary.records:,} read, {summary.repeats:,} repeats"
    lines = [
        f"{_printable(str(output))}: {summary.total_flows:,} flows ({counts})",
        f"  window    {_window(summary)}",
        f"  nodes     {_nodes(summary.nodes)}",
        f"  verdicts  {_verdicts(summary)}",
        f"  lost      {summary.lost_events:,} events lost before they could be exported",
    ]
    if summary.known_bytes:
        lines.append(f"  known     {summary.known_bytes / 1e6:,.1f} MB were in already and not read again")
    if summary.deselected:
        lines.append(f"  left out  {summary.deselected:,} flows by the selection flags")
    if summary.other_records:
        others = ", ".join(f"{_printable(kind)} {count:,}" for kind, count in summary.other_records)
        lines.append(f"  others    {others}")
    lines.extend(_rejects(summary.rejects))
    return lines


def _window(summary: IngestSummary) -> str:
    if not summary.total_flows:
        return "none"
    seconds = (summary.last_seen - summary.first_seen) / 1e9
    units = (("days", 86_400), ("hours", 3_600), ("minutes", 60))
    unit, length = next(((unit, length) for unit, length in units if seconds >= 2 * length), ("seconds", 1))
    return f"{_utc(summary.first_seen)} to {_utc(summary.last_seen)} ({seconds / length:.1f} {unit})"


def _utc(nanoseconds: int) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415 - wanted only for the summary

    return datetime.fromtimestamp(nanoseconds // 10**9, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _nodes(nodes: tuple[str, ...]) -> str:
    shown = ", ".join(_printable(node) for node in nodes[:_NODES_SHOWN])
    more = f" and {len(nodes) - _NODES_SHOWN} more" if len(nodes) > _NODES_SHOWN else ""
    return f"{len(nodes)}: {shown}{more}" if nodes else "none named"


def _verdicts(summary: IngestSummary) -> str:
    if not summary.total_flows:
        return "none"
    share = summary.verdict_flows / summary.total_flows
    advice = "" if summary.verdict_flows else "; policy-audit mode needs a policy that selects the pods"
    return f"{summary.verdict_flows:,} policy verdicts, {share:.1%} of the flows{advice}"


def _rejects(rejects: tuple[RejectCount, ...]) -> Iterator[str]:
    unread = sum(reject.lines for reject in rejects)
    yield f"  rejects   {unread:,} record{'' if unread == 1 else 's'} that could not be read"
    for reject in rejects:
        places = ", ".join(_printable(place) for place in reject.examples)
        yield f"            {reject.lines:,} {_printable(reject.reason)}, first at {places}"


def _printable(text: str) -> str:
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
