"""`netpol-recommend explain`: why does this connection pass, or not?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import click

from recommender.cli.context import CONTEXT_SETTINGS
from recommender.cli.existing_option import existing_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.judging import ExplainedCase, ExplainedConnection
    from recommender.model.explanation import DirectionExplanation, RuleReference
    from recommender.semantics.recorded_report import RecordedEdge

EPILOG = """\b
Examples:
  netpol-recommend explain --policies reports/week-46/policies shop/web shop/db 5432
  netpol-recommend explain --policies k8s/ --inventory inventory.json shop/Deployment/web api.example.com 443/TCP
  netpol-recommend explain --policies policies.yaml --inventory inventory.json world shop/web-5d9f-x2x4k 80

\b
Exit codes: 0 allowed · 1 denied (for at least one of the endpoints that the names stand for) · 2 errors
"""


@click.command(epilog=EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("source", metavar="FROM")
@click.argument("destination", metavar="TO")
@click.argument("port", metavar="PORT[/PROTO]")
@click.option(
    "--policies",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="Manifests: a directory or a file, YAML or JSON, ours or anybody's.",
)
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="What `kubectl get … -o json` printed. May be given several times.  [default: the report's workloads]",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="recommendation.json with the evidence.  [default: the one beside the policies, if there]",
)
@existing_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(
    *,
    source: str,
    destination: str,
    port: str,
    policies: Path,
    inventory: tuple[Path, ...],
    report: Path | None,
    existing: str,
    form: str,
) -> None:
    """Say whether a connection passes the policies, and why.

    FROM and TO are namespace/pod, namespace/workload or namespace/Kind/name, an entity (world, host, remote-node,
    kube-apiserver, health, ingress), an address, or a DNS name outside the cluster. Judges the manifests as they are
    written, of any kind and together, with the policies in force beside them.
    """
    from recommender.judging import explain_connection  # noqa: PLC0415 - heavy imports wait until a command runs
    from recommender.report import render_json  # noqa: PLC0415
    from recommender.report.printable import printable  # noqa: PLC0415

    found = explain_connection(
        policies, source, destination, port, inventory=inventory, report=report, with_existing=existing == "beside"
    )
    if form == "json":
        click.echo(render_json(_view(found)), nl=False)
    else:
        click.echo("\n".join(printable(line) for line in _lines(found)))
    if not found.allowed:
        raise click.exceptions.Exit(1)


def _lines(found: ExplainedConnection) -> Iterator[str]:
    answer = "allowed" if found.allowed else "denied"
    if len({case.allowed for case in found.cases}) > 1:
        answer = "denied for some"
    yield f"{answer}: {found.source.text} -> {found.destination.text} {found.protocol}/{found.port}"
    for note in dict.fromkeys((found.source.note, found.destination.note)):
        if note:
            yield f"  {note}"
    for case in found.cases:
        yield from _case_lines(found, case)
    yield ""
    yield from _evidence_lines(found)
    beside = f" and {found.existing} in force beside them" if found.existing else ""
    yield f"judged by {found.policies} policies{beside}"
    for name, reason in found.unjudged:
        yield f"in force, but not judged: {name}: {reason}"
    if found.skipped:
        yield f"not policies, skipped: {', '.join(f'{count} {kind}' for kind, count in found.skipped)}"


def _case_lines(found: ExplainedConnection, case: ExplainedCase) -> Iterator[str]:
    if len(found.cases) > 1:
        yield ""
        ends = " -> ".join((case.source or found.source.text, case.destination or found.destination.text))
        yield f"{'allowed' if case.allowed else 'denied'} for {ends} (and {case.alike - 1} more alike)"
    for said, end in ((case.explanation.egress, found.source), (case.explanation.ingress, found.destination)):
        yield ""
        yield f"{said.direction} of {end.text}: {_answer(said)}"
        for reference in said.passed_by:
            yield from _rule_lines(found, reference, "handed over by")
        for reference in said.rules:
            yield from _rule_lines(found, reference, "denied by" if said.outcome == "denied" else "allowed by")
        for miss in said.near_misses:
            yield from _rule_lines(found, miss.rule, f"close: {miss.reason}:")


def _answer(said: DirectionExplanation) -> str:
    from recommender.model.explanation import Basis  # noqa: PLC0415 - as above

    isolating = ", ".join(said.isolated_by)
    text = ""
    match said.basis:
        case Basis.RULE:
            proxied = ", through the L7 proxy, which may still refuse a request" if said.redirect else ""
            text = f"{said.outcome} by {len(said.rules)} rule(s){proxied}"
        case Basis.DEFAULT_DENY:
            text = f"denied; isolated by {isolating}, and none of the {said.rules_of_end} rule(s) for it matches"
        case Basis.ALWAYS_ISOLATED:
            text = "denied; an endpoint that is still starting (reserved:init) is always isolated"
        case Basis.OWN_NODE:
            text = f"allowed; the pod's own node is never held off by default deny (isolated by {isolating})"
        case Basis.PASSED:
            text = (
                f"allowed; handed over beyond the tier that isolates it ({isolating}), and nothing decided after that"
            )
        case Basis.NOT_ISOLATED:
            text = "allowed by default; policies have rules for it, but none turns on default deny in this direction"
        case Basis.NOT_SELECTED:
            text = "allowed by default; no policy selects it in this direction"
        case Basis.SAME_POD:
            text = "allowed; a pod's connection to itself meets no policy"
        case Basis.NO_SUBJECT:
            text = "not judged; no policy can have it as its subject"
        case _:
            assert_never(said.basis)
    return text


def _rule_lines(found: ExplainedConnection, reference: RuleReference, words: str) -> Iterator[str]:
    tier = f" (tier {reference.tier})" if reference.tier else ""
    yield f"  {words} {reference.path} of {reference.policy}{tier}"
    text = found.rule_texts.get(reference)
    if text is None:
        if reference.policy not in found.policy_files:
            yield "    (in force already; not among these files)"
        return
    yield f"    {text.file}:{text.line}"
    for line in text.comments:
        yield f"    # {line}"
    for line in text.text:
        yield f"    | {line}"


def _evidence_lines(found: ExplainedConnection) -> Iterator[str]:
    if not found.report:
        yield "evidence: no recommendation.json beside the policies; give --report"
        return
    for edge in found.edges:
        yield f"seen: {edge.key}"
        yield (
            f"  {edge.connections} connections on {edge.active_days} days, {edge.first_seen} to {edge.last_seen}; "
            f"confidence {edge.band} ({edge.confidence:.2f})"
        )
        yield f"  {edge.disposition}{': ' if edge.reason else ''}{edge.reason}"
    if not found.edges:
        yield "never seen in the capture on this port"
    if found.other_edges:
        yield f"{found.other_edges} edge(s) between these two were seen on other ports"


def _view(found: ExplainedConnection) -> dict[str, Any]:
    return {
        "allowed": found.allowed,
        "from": found.source.text,
        "to": found.destination.text,
        "protocol": found.protocol.value,
        "port": found.port,
        "notes": [note for note in dict.fromkeys((found.source.note, found.destination.note)) if note],
        "cases": [
            {
                "allowed": case.allowed,
                "from": case.source or found.source.text,
                "to": case.destination or found.destination.text,
                "alike": case.alike,
                "egress": _direction_view(found, case.explanation.egress),
                "ingress": _direction_view(found, case.explanation.ingress),
            }
            for case in found.cases
        ],
        "report": found.report,
        "edges": [_edge_view(edge) for edge in found.edges],
        "other_edges": found.other_edges,
        "policies": found.policies,
        "existing": found.existing,
        "unjudged": [{"policy": name, "reason": reason} for name, reason in found.unjudged],
        "skipped": [{"kind": kind, "documents": count} for kind, count in found.skipped],
    }


def _direction_view(found: ExplainedConnection, said: DirectionExplanation) -> dict[str, Any]:
    return {
        "outcome": said.outcome.value,
        "basis": said.basis.value,
        "why": _answer(said),
        "proxied": said.redirect,
        "rules": [_rule_view(found, reference) for reference in said.rules],
        "passed_by": [_rule_view(found, reference) for reference in said.passed_by],
        "near_misses": [{**_rule_view(found, miss.rule), "reason": miss.reason} for miss in said.near_misses],
        "isolated_by": list(said.isolated_by),
    }


def _rule_view(found: ExplainedConnection, reference: RuleReference) -> dict[str, Any]:
    text = found.rule_texts.get(reference)
    return {
        "policy": reference.policy,
        "path": reference.path,
        "action": reference.action.value,
        "tier": reference.tier,
        "file": text.file if text else found.policy_files.get(reference.policy, ""),
        "line": text.line if text else None,
        "comments": list(text.comments) if text else [],
        "text": list(text.text) if text else [],
    }


def _edge_view(edge: RecordedEdge) -> dict[str, Any]:
    return {
        "key": edge.key,
        "disposition": edge.disposition,
        "reason": edge.reason,
        "confidence": edge.confidence,
        "band": edge.band,
        "connections": edge.connections,
        "active_days": edge.active_days,
        "first_seen": edge.first_seen,
        "last_seen": edge.last_seen,
    }
