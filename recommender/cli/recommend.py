"""`netpol-recommend FLOWS…`: the main job."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.context import CONTEXT_SETTINGS
from recommender.cli.progress import progress_options
from recommender.cli.reduction import reduction_flags, reduction_options
from recommender.cli.selection import SelectionCommand, selection_from, selection_options

EPILOG = """\b
Examples:
  netpol-recommend flows.parquet --inventory inventory.json -o reports/week-46
  netpol-recommend flows.parquet --granularity namespace --sensitive payments,app=invoice
  netpol-recommend events-*.log.gz --namespace shop --since 7d
  kubectl get ns,pods,svc,deploy,sts,ds,job,cronjob,netpol,cnp,ccnp -A -o json > inventory.json
"""


@click.command(cls=SelectionCommand, epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("flows", nargs=-1, required=True, metavar="FLOWS…")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Report directory.  [default: reports/<name of the input>]",
)
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="What `kubectl get … -o json` printed: a file or a directory. May be given several times.",
)
@click.option(
    "--decisions",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What reviewers decided (decisions.yaml, from the report): approved policies go to policies/, others to "
    "pending/, rejected ones nowhere.",
)
@click.option(
    "--dialect",
    type=click.Choice(["cilium", "kubernetes", "calico", "cluster-network-policy"]),
    help="Policy API to write.  [default: cilium]",
)
@click.option(
    "--baselines",
    type=click.Choice(["shared", "inline"]),
    help="Rules that many groups share (DNS, API server, scrapes, mesh): once, or in each policy.  [default: shared]",
)
@click.option(
    "--dns",
    type=click.Choice(["observed", "clients", "all"]),
    help="Who may ask the cluster's DNS: groups seen asking, also those that open connections, or all."
    "  [default: clients]",
)
@click.option(
    "--l7",
    type=click.Choice(["none", "http"]),
    help="Also narrow pairs whose HTTP requests were seen well enough to methods and paths.  [default: none]",
)
@click.option(
    "--existing",
    type=click.Choice(["complement", "by-name", "ignore"]),
    help="Policies that exist already: write only what they do not allow by their text (in the inventory), also on the "
    "word of flows that name them, or write complete policies.  [default: complement]",
)
@click.option(
    "--fqdn-patterns",
    type=click.Choice(["never", "growing", "siblings"]),
    help="When three or more sibling DNS names become a pattern: never, where new ones kept appearing, or always."
    "  [default: growing]",
)
@click.option(
    "--dynamic-ports",
    type=click.Choice(["range", "exact"]),
    help="How ports are written that a server picks anew each time: as a range for review, or as seen."
    "  [default: range]",
)
@click.option(
    "--cidr-budget",
    metavar="NUMBER",
    help="Unseen addresses that a prefix for many outside addresses may open for each one seen in it; 0: none."
    "  [default: 1]",
)
@click.option(
    "--own-node",
    type=click.Choice(["implicit", "rules"]),
    help="Whether a pod's own node (probes, exec) needs rules: `rules` if the agents run with allow-localhost=policy."
    "  [default: implicit]",
)
@click.option(
    "--single-sightings",
    type=click.Choice(["review", "quarantine"]),
    help="What becomes of connections seen once that look like rare needs: allowed and marked for review, or kept in"
    " quarantine.  [default: review]",
)
@click.option(
    "--granularity",
    type=click.Choice(["namespace", "group", "workload"]),
    help="One policy for a namespace, a communication group or a workload.  [default: group]",
)
@click.option(
    "--sensitive",
    metavar="NAMESPACE|KEY=VALUE",
    multiple=True,
    help="Workload level there, whatever the granularity. May be given several times, or with commas.",
)
@click.option(
    "--minimum-viable",
    is_flag=True,
    default=None,
    help="Write the six-step starter set for namespaces instead of full policies; --sensitive tightens parts of it.",
)
@click.option(
    "--cni",
    metavar="NAME[@VERSION]",
    help="Network plugin that is to enforce the policies: what it ignores is a finding (NPR804)."
    "  [default: by the inventory's DaemonSets]",
)
@click.option(
    "--enforce-below",
    metavar="PROBABILITY",
    help="Predicted breakage within a week up to which a policy is ready to enforce.  [default: 0.1]",
)
@click.option(
    "--stage-below",
    metavar="PROBABILITY",
    help="Predicted breakage within a week up to which a policy is ready to stage.  [default: 0.35]",
)
@click.option(
    "--fail-on",
    type=click.Choice(["high", "medium", "low", "info", "never"]),
    help="Exit with 1 if a gap is at least this severe.  [default: never]",
)
@click.option(
    "--ignore",
    metavar="CODE",
    multiple=True,
    help="Code of findings that never make the run fail, such as NPR807; they are told all the same. Repeatable.",
)
@click.option(
    "--findings",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Also write the findings alone, as the ending says: .sarif, .xml (JUnit), .json, .md or "
    ".annotations (GitHub workflow commands). Repeatable.",
)
@reduction_options
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    help="What reduces flows to edges: DuckDB in this process, or Apache Spark (extra `spark`); the same bytes."
    "  [default: duckdb]",
)
@click.option(
    "--spark-master",
    metavar="URL",
    help="Where Spark runs, such as local[4] or k8s://….  [default: as Spark's own configuration says]",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Settings file (TOML).  [default: netpol-recommend.toml, if there]",
)
@progress_options
@selection_options
def recommend(
    *,
    flows: tuple[str, ...],
    output: Path | None,
    inventory: tuple[Path, ...],
    decisions: Path | None,
    dialect: str | None,
    baselines: str | None,
    dns: str | None,
    l7: str | None,
    existing: str | None,
    fqdn_patterns: str | None,
    dynamic_ports: str | None,
    cidr_budget: str | None,
    own_node: str | None,
    single_sightings: str | None,
    granularity: str | None,
    sensitive: tuple[str, ...],
    minimum_viable: bool | None,
    cni: str | None,
    enforce_below: str | None,
    stage_below: str | None,
    fail_on: str | None,
    ignore: tuple[str, ...],
    findings: tuple[Path, ...],
    engine: str | None,
    spark_master: str | None,
    config_file: Path | None,
    **options: object,
) -> None:
    """Recommend policies for a window of flows.

    FLOWS is a dataset made by `netpol-recommend ingest`, or raw Hubble files, directories, globs or `-`, which are
    ingested on the way. Writes report.html, recommendation.json, policies/ and quarantine/ into the output directory,
    whole or not at all, and prints a summary whose last line is the replay proof.
    """
    from recommender.cli.progress import progress_from  # noqa: PLC0415 - heavy imports wait until a command runs
    from recommender.pipeline import run  # noqa: PLC0415
    from recommender.report import render_summary  # noqa: PLC0415
    from recommender.report.files import check_directory, write_report  # noqa: PLC0415
    from recommender.report.findings_file import check_findings_file, write_findings_file  # noqa: PLC0415
    from recommender.report.findings_verdict import verdict_of  # noqa: PLC0415
    from recommender.report.findings_view import findings_of  # noqa: PLC0415
    from recommender.settings import resolve_settings  # noqa: PLC0415

    settings = resolve_settings(
        flags={
            "dialect": dialect,
            "baselines": baselines,
            "dns": dns,
            "l7": l7,
            "existing": existing,
            "fqdn_patterns": fqdn_patterns,
            "dynamic_ports": dynamic_ports,
            "cidr_budget": cidr_budget,
            "own_node": own_node,
            "single_sightings": single_sightings,
            "granularity": granularity,
            "sensitive": sensitive or None,
            "minimum_viable": minimum_viable,
            "cni": cni,
            "enforce_below": enforce_below,
            "stage_below": stage_below,
            "fail_on": fail_on,
            "ignore": ignore or None,
            "engine": engine,
            "spark_master": spark_master,
            **reduction_flags(options),
        },
        file=config_file,
    )
    directory = output or default_output(flows)
    check_directory(directory)
    for path in findings:
        check_findings_file(path)
    with progress_from(options) as progress:
        recommendation = run(
            flows,
            settings=settings,
            inventory_paths=inventory,
            decisions_path=decisions,
            selection=selection_from(options),
            progress=progress,
        )
        progress.stage("writing the report")
        view = write_report(recommendation, directory)
        chosen = settings.settings
        for path in findings:
            write_findings_file(findings_of(view), path, verdict_of(chosen.fail_on, chosen.ignore))
    click.echo(render_summary(view, output=str(directory)), nl=False)
    if not recommendation.holds or recommendation.worst_reaches(chosen.fail_on, ignored=chosen.ignore):
        raise click.exceptions.Exit(1)


def default_output(flows: tuple[str, ...]) -> Path:
    """`reports/<name>`, where the name is the first input's without its suffixes."""
    name = Path(flows[0]).name.split(".")[0] if flows[0] != "-" else "stdin"
    return Path("reports") / (name.strip("*?[]") or "flows")
