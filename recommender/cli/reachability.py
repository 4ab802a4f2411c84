"""`netpol-recommend reachability-tests`: a test suite for the cluster itself."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.context import CONTEXT_SETTINGS

EPILOG = """\b
Examples:
  netpol-recommend reachability-tests reports/week-46 -o reachability
  python3 reachability/reachability.py --junit reachability.xml
"""


@click.command(name="reachability-tests", epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("report_dir", type=click.Path(path_type=Path, exists=True))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write; an earlier suite there is replaced.  [default: REPORT_DIR-reachability]",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Most allowed and most denied connections that are tried from one source.",
)
@click.option(
    "--image",
    default="busybox:1.37",
    show_default=True,
    help="Image with sh and busybox' nc; by digest, or from your own registry.",
)
def reachability_tests(*, report_dir: Path, output: Path | None, most: int, image: str) -> None:
    """Write tests that assert in the cluster which pods reach which others, and which must not.

    A matrix, a Job for each source (non-root, read-only), and a runner around kubectl that reports JUnit, alone or by
    pytest. What must pass is what the report needs; what must not is chosen to be informative: quarantined contacts,
    the same service in other environments, siblings, the metadata address. TCP, and UDP where servers answer (DNS,
    NTP); every other edge stands in the matrix with the reason why it is not tried. Nothing is applied here.
    """
    from recommender.report.printable import printable  # noqa: PLC0415 - heavy imports wait until a command runs
    from recommender.rollout.policy_side import read_side  # noqa: PLC0415
    from recommender.rollout.reachability.files import suite_files  # noqa: PLC0415
    from recommender.rollout.reachability.make_matrix import make_matrix  # noqa: PLC0415
    from recommender.rollout.written_files import write_directory  # noqa: PLC0415

    matrix = make_matrix(read_side(report_dir), most=most)
    directory = output or report_dir.with_name(f"{report_dir.resolve().name}-reachability")
    write_directory(directory, suite_files(matrix, image=image), kind="reachability-tests")
    checks = [check for source in matrix.sources for check in source.checks]
    allowed = sum(check.allowed for check in checks)
    counts = f"{len(matrix.sources)} sources, {allowed} allowed, {len(checks) - allowed} denied"
    click.echo(printable(f"{directory}/: {counts}"))
    click.echo(f"not tested: {len(matrix.untested)}, told in matrix.json")
