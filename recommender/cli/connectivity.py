"""`netpol-recommend connectivity`: who may reach whom, by all policies together."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.context import CONTEXT_SETTINGS
from recommender.cli.existing_option import existing_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.judging import Surroundings
    from recommender.semantics.connectivity import ConnectivityMap, Reach

EPILOG = """\b
Examples:
  netpol-recommend connectivity reports/week-46/policies
  netpol-recommend connectivity k8s/ --inventory inventory.json --format csv > reach.csv
  netpol-recommend connectivity k8s/ --inventory inventory.json --format dot | dot -Tsvg > reach.svg
"""


@click.command(epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("policies", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="What `kubectl get … -o json` printed. May be given several times.  [default: the report's workloads]",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="recommendation.json that names the workloads.  [default: the one beside the policies, if there]",
)
@existing_option
@click.option("--format", "form", type=click.Choice(["text", "json", "csv", "dot"]), default="text", show_default=True)
def connectivity(*, policies: Path, inventory: tuple[Path, ...], report: Path | None, existing: str, form: str) -> None:
    """Show who may reach whom on which ports.

    POLICIES is a directory of manifests or a file. What is not listed is denied. Ports are exact: `all` is every port
    of every protocol, `TCP/*` every TCP port. `world` is an address outside that no narrower CIDR or name covers; a
    `cidr:` or `fqdn:` row stands only where it differs from `world`.
    """
    from recommender.judging import connectivity as judge  # noqa: PLC0415 - heavy imports wait until a command runs
    from recommender.report import render_json  # noqa: PLC0415
    from recommender.report.printable import printable  # noqa: PLC0415

    found, around = judge(policies, inventory=inventory, report=report, with_existing=existing == "beside")
    match form:
        case "json":
            click.echo(render_json(_view(found, around)), nl=False)
        case "csv":
            click.echo(_csv(found), nl=False)
        case "dot":
            click.echo("\n".join(_dot(found)))
        case _:
            click.echo("\n".join(printable(line) for line in _lines(found, around)))


def _lines(found: ConnectivityMap, around: Surroundings) -> Iterator[str]:
    source = ""
    for reach in found.reaches:
        if reach.source != source:
            source = reach.source
            yield source
        yield f"  -> {reach.destination}  {_ports(reach)}{'  (not for all of its pods)' if reach.partial else ''}"
    yield ""
    for name, count in _counts(found, around).items():
        yield f"{name.replace('_', ' ')}: {count}"
    for direction, names in found.not_isolated:
        yield f"not isolated for {direction}: {', '.join(names) or 'none'}"
    for name, reason in around.standing.unjudged:
        yield f"in force, but not judged: {name}: {reason}"
    if around.files.skipped:
        yield f"not policies, skipped: {', '.join(f'{count} {kind}' for kind, count in around.files.skipped)}"


def _ports(reach: Reach) -> str:
    from recommender.semantics.port_spans import spans_text  # noqa: PLC0415 - as above

    return spans_text(reach.ports)


def _counts(found: ConnectivityMap, around: Surroundings) -> dict[str, int]:
    names = frozenset(found.workloads)
    inside = found.between_workloads
    return {
        "policies": len(around.files.sources),
        "policies_in_force_beside_them": len(around.standing.judged),
        "workloads": len(names),
        "pairs_of_workloads": len(names) ** 2,
        "pairs_that_may_talk": len(inside),
        "pairs_without_restriction": sum(reach.unrestricted for reach in inside),
        "workloads_that_reach_the_world": sum(reach.destination == "world" for reach in found.reaches),
        "workloads_that_the_world_reaches": sum(reach.source == "world" for reach in found.reaches),
    }


def _view(found: ConnectivityMap, around: Surroundings) -> dict[str, Any]:
    return {
        "counts": _counts(found, around),
        "workloads": list(found.workloads),
        "not_isolated": {direction.value: list(names) for direction, names in found.not_isolated},
        "reaches": [
            {
                "from": reach.source,
                "to": reach.destination,
                "text": _ports(reach),
                "unrestricted": reach.unrestricted,
                "partial": reach.partial,
                "ports": [
                    {"protocol": span.protocol.value, "low": span.low, "high": span.high, "proxied": span.proxied}
                    for span in reach.ports
                ],
            }
            for reach in found.reaches
        ],
        "skipped": [{"kind": kind, "documents": count} for kind, count in around.files.skipped],
    }


def _csv(found: ConnectivityMap) -> str:
    from recommender.report.printable import printable  # noqa: PLC0415 - as above

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("from", "to", "ports", "partial"))
    for reach in found.reaches:
        ends = (_cell(printable(name)) for name in (reach.source, reach.destination))
        writer.writerow((*ends, _ports(reach), "yes" if reach.partial else "no"))
    return out.getvalue()


def _cell(text: str) -> str:
    """A spreadsheet takes a text that starts so for a formula (OWASP, "CSV injection")."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _dot(found: ConnectivityMap) -> Iterator[str]:
    yield "digraph connectivity {"
    yield "  rankdir=LR;"
    ends = {*found.workloads, *(name for reach in found.reaches for name in (reach.source, reach.destination))}
    workloads = frozenset(found.workloads)
    for name in sorted(ends):
        yield f"  {_quoted(name)} [shape={'box' if name in workloads else 'ellipse'}];"
    for reach in found.reaches:
        style = ", style=bold" if reach.unrestricted else ""
        yield f"  {_quoted(reach.source)} -> {_quoted(reach.destination)} [label={_quoted(_ports(reach))}{style}];"
    yield "}"


def _quoted(text: str) -> str:
    from recommender.report.printable import printable  # noqa: PLC0415 - as above

    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
