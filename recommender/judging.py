"""May these connections pass, by these manifests? Reads files, then asks `semantics`; beside the main job."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from recommender.errors import UsageError
from recommender.ingest import load_inventory
from recommender.model.connection import Connection, Outcome, PodEndpoint
from recommender.model.edge import Protocol
from recommender.model.manifest import Manifest
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.connectivity import ConnectivityMap, map_connectivity
from recommender.semantics.named_ends import NamedEnd, as_peer_of, find_end
from recommender.semantics.policy_files import PolicyFiles, read_policy_files
from recommender.semantics.recorded_report import RecordedEdge, RecordedReport, edges_between, read_report
from recommender.semantics.rule_text import RuleText, rule_text, sources_by_policy
from recommender.semantics.scene import Scene, named_ports_of, scene_of_inventory, scene_of_report
from recommender.semantics.settings import settings_of
from recommender.semantics.standing_policies import StandingPolicies, standing_beside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from recommender.model.explanation import DirectionExplanation, Explanation, RuleReference
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.policy_files import PolicySource

_SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})
_REPORT: Final = "recommendation.json"
_PROTOCOLS: Final = {"ICMP": Protocol.ICMP, **{protocol.value.upper(): protocol for protocol in Protocol}}
_ECHO_REQUEST: Final = {Protocol.ICMP: 8, Protocol.ICMPV6: 128}
_MAX_PORT: Final = 65535
_MAX_ICMP_TYPE: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedCase:
    """The answer for some of the endpoints that the two names stand for."""

    source: str
    """What tells this source from the others of the same name; empty if there is one."""
    destination: str
    explanation: Explanation
    alike: int
    """Combinations of endpoints with this same answer."""

    @property
    def allowed(self) -> bool:
        """Whether neither side denies it."""
        return Outcome.DENIED not in {self.explanation.egress.outcome, self.explanation.ingress.outcome}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedConnection:
    """Everything there is to say about one connection."""

    source: NamedEnd
    destination: NamedEnd
    protocol: Protocol
    port: int
    cases: tuple[ExplainedCase, ...]
    rule_texts: Mapping[RuleReference, RuleText]
    policy_files: Mapping[str, str]
    """File by policy."""
    edges: tuple[RecordedEdge, ...]
    """Recorded edges between these ends on this protocol and port."""
    other_edges: int
    """Recorded edges between them on others."""
    report: str
    """The report that the edges are from; empty if none was found."""
    policies: int
    existing: int
    """Policies in force that were judged beside them."""
    unjudged: tuple[tuple[str, str], ...]
    """Policies in force that could not be judged, each with the reason."""
    skipped: tuple[tuple[str, int], ...]

    @property
    def allowed(self) -> bool:
        """Whether it passes for every endpoint that the names stand for."""
        return all(case.allowed for case in self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Policies, and the cluster that they are judged in."""

    files: PolicyFiles
    policies: ClusterPolicies
    scene: Scene
    report: RecordedReport
    report_path: str
    standing: StandingPolicies
    """Policies in force that count beside the files."""


def explain_connection(
    policies: Path,
    source: str,
    destination: str,
    port: str,
    *,
    inventory: Sequence[Path] = (),
    report: Path | None = None,
    with_existing: bool = True,
) -> ExplainedConnection:
    """Would this connection pass, what decides, and what was seen of it?

    Args:
        policies: A directory of manifests, or one file.
        source: As `semantics.named_ends.find_end` reads it.
        destination: As `source`.
        port: `PORT[/PROTO]`, a port's name, or `ICMP`.
        inventory: What `kubectl get … -o json` printed; without it the report's workloads are judged.
        report: A recommendation.json; by default the one beside or in the directory, if there.
        with_existing: Whether policies in force that the manifests do not hold count beside them.

    Raises:
        InvalidPolicyError: A manifest that an API server or Cilium would refuse.
        UsageError: An end or the port cannot be understood, or nothing is there to read.
    """
    around = look_around(policies, inventory=inventory, report=report, with_existing=with_existing)
    client, server = (find_end(text, around.scene, around.report) for text in (source, destination))
    return _explained(around, client, server, *read_port(port, server))


def _explained(
    around: Surroundings, client: NamedEnd, server: NamedEnd, protocol: Protocol, port: int
) -> ExplainedConnection:
    between = tuple(edges_between(around.report, client.recorded, server.recorded))
    same = tuple(edge for edge in between if (edge.protocol, edge.port) == (protocol.value, port))
    cases = _cases(around.policies, client, server, protocol, port)
    sources = sources_by_policy(around.files.sources)
    return ExplainedConnection(
        source=client,
        destination=server,
        protocol=protocol,
        port=port,
        cases=cases,
        rule_texts=_rule_texts(cases, sources, client, server),
        policy_files={name: items[0].document.path for name, items in sources.items()},
        edges=same,
        other_edges=len(between) - len(same),
        report=around.report_path,
        policies=len(around.files.sources),
        existing=len(around.standing.judged),
        unjudged=around.standing.unjudged,
        skipped=around.files.skipped,
    )


def connectivity(
    policies: Path, *, inventory: Sequence[Path] = (), report: Path | None = None, with_existing: bool = True
) -> tuple[ConnectivityMap, Surroundings]:
    """Who may reach whom on which ports, by all these policies together?

    Raises as `explain_connection` does; a UsageError if neither an inventory nor a report names a workload.
    """
    around = look_around(policies, inventory=inventory, report=report, with_existing=with_existing)
    if not around.scene.members:
        raise UsageError(
            "no workloads are known",
            where=str(policies),
            hint="give --inventory, or --report with an earlier run's recommendation.json",
        )
    return map_connectivity(around.policies, around.scene), around


def look_around(
    policies: Path, *, inventory: Sequence[Path], report: Path | None, with_existing: bool = True
) -> Surroundings:
    """Read the manifests, and the cluster as the inventory, or else the report, describes it.

    Policies in force that the manifests do not hold count beside them (`standing_beside`), unless told otherwise.
    """
    found = read_policy_files(manifests_at(policies))
    report_path = report or report_beside(policies)
    recorded = read_report(report_path) if report_path else RecordedReport()
    described = load_inventory(inventory)
    standing = StandingPolicies()
    if with_existing:
        standing = standing_beside(found.documents, described, recorded.existing)
    documents = (*standing.judged, *found.documents)
    kinds = {item.document.get("kind") for item in documents}
    scene = scene_of_inventory(described) if described.given else scene_of_report(recorded.workloads)
    return Surroundings(
        files=found,
        policies=policies_by_cluster(documents, scene.workloads, described, settings_of(kinds)),
        scene=scene,
        report=recorded,
        report_path=str(report_path or ""),
        standing=standing,
    )


def manifests_at(path: Path) -> tuple[Manifest, ...]:
    """The YAML and JSON files of a directory, or the one file, sorted by path.

    Raises:
        UsageError: Nothing is there, or it is no UTF-8 text.
    """
    if path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if file.suffix in _SUFFIXES and file.is_file()]
        files = [file for file in files if file.name != _REPORT]
    else:
        files = [path]
    if not files:
        raise UsageError("no .yaml, .yml or .json file here", where=str(path), hint="give the directory of policies")
    try:
        return tuple(Manifest(path=str(file), policy="", text=file.read_text(encoding="utf-8")) for file in files)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read as UTF-8 text: {error}", where=str(path)) from error


def report_beside(path: Path) -> Path | None:
    """The recommendation.json in a directory of manifests or beside it; None if there is none."""
    directory = path if path.is_dir() else path.parent
    for candidate in (directory / _REPORT, directory.parent / _REPORT):
        if candidate.is_file():
            return candidate
    return None


def read_port(text: str, destination: NamedEnd) -> tuple[Protocol, int]:
    """Which protocol and port does a user mean? TCP unless said; a port name is the destination's own.

    Raises:
        UsageError: No such protocol, port or port name.
    """
    head, slash, tail = text.partition("/")
    if not slash and head.upper() in _PROTOCOLS and not _PROTOCOLS[head.upper()].has_ports:
        return _PROTOCOLS[head.upper()], _ECHO_REQUEST[_PROTOCOLS[head.upper()]]
    if head.upper() in _PROTOCOLS and slash:
        head, tail = tail, head
    if tail.upper() not in {*_PROTOCOLS, ""}:
        raise UsageError(f"no such protocol: {tail}", where=text, hint=f"one of {', '.join(_PROTOCOLS)}")
    protocol = _PROTOCOLS[tail.upper()] if tail else Protocol.TCP
    if head.isascii() and head.isdigit():
        largest = _MAX_PORT if protocol.has_ports else _MAX_ICMP_TYPE
        if not (0 if not protocol.has_ports else 1) <= int(head) <= largest:
            raise UsageError(f"no such port: {head}", where=text, hint=f"a number up to {largest}")
        return protocol, int(head)
    named = [item for item in named_ports_of(destination.members, head) if not tail or item[0] == protocol.value]
    if not named:
        raise UsageError(
            f"{destination.text} has no port named {head!r}", where=text, hint="give the number, as 443/TCP"
        )
    return Protocol(named[0][0]), named[0][1]


def _cases(
    policies: ClusterPolicies, source: NamedEnd, destination: NamedEnd, protocol: Protocol, port: int
) -> tuple[ExplainedCase, ...]:
    found: dict[Explanation, tuple[str, str, int]] = {}
    for (from_text, client), (to_text, end) in product(source.endpoints, destination.endpoints):
        same_pod = source.is_pod and source.text == destination.text
        server = end if same_pod else as_peer_of(client, end)
        connection = Connection(source=client, destination=server, protocol=protocol, port=port)
        explanation = policies.explain(connection)
        first = found.get(explanation, (from_text, to_text, 0))
        found[explanation] = (first[0], first[1], first[2] + 1)
    return tuple(
        ExplainedCase(source=from_text, destination=to_text, explanation=explanation, alike=alike)
        for explanation, (from_text, to_text, alike) in found.items()
    )


def _rule_texts(
    cases: Sequence[ExplainedCase],
    sources: Mapping[str, tuple[PolicySource, ...]],
    client: NamedEnd,
    server: NamedEnd,
) -> dict[RuleReference, RuleText]:
    found = {}
    for case in cases:
        for said, end in ((case.explanation.egress, client), (case.explanation.ingress, server)):
            for reference in _references(said):
                text = rule_text(sources, reference.policy, reference.path, cluster=_cluster(end))
                if text is not None:
                    found[reference] = text
    return found


def _references(said: DirectionExplanation) -> tuple[RuleReference, ...]:
    return (*said.rules, *said.passed_by, *(miss.rule for miss in said.near_misses))


def _cluster(end: NamedEnd) -> str:
    return next((pod.cluster for _, pod in end.endpoints if isinstance(pod, PodEndpoint)), "")
