"""Replaying flows against manifests that anybody wrote."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from recommender.assess import decide
from recommender.ingest import load_inventory
from recommender.model.disposition import Disposition
from recommender.model.edge import EntityEnd, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.http_request import HttpRequest
from recommender.model.policy import Direction
from recommender.observing import Silence, observe_inputs
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.verify.verification import TriedEdge, Verification
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.edge_trial import EdgeTrial
from recommender.semantics.judged_ends import pods_of
from recommender.semantics.known_ends import known_ends
from recommender.semantics.reading import policy_name
from recommender.semantics.rule_usage import rule_usage
from recommender.semantics.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from recommender.model.connection import JudgedEndpoint
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload
    from recommender.model.existing import ExistingRule
    from recommender.model.inventory import Inventory
    from recommender.model.observation import Observation
    from recommender.model.replay import Denial
    from recommender.model.selection import Selection
    from recommender.observing import Progress
    from recommender.rollout.policy_side import PolicySide
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.evaluator import PolicySet
    from recommender.semantics.manifest_documents import ManifestDocument
    from recommender.settings import ResolvedSettings

_HEALTH: Final = EntityEnd(entity=Entity.HEALTH)


def verify(
    side: PolicySide,
    flows: Sequence[str],
    *,
    settings: ResolvedSettings,
    selection: Selection,
    inventory: Sequence[Path] = (),
    with_existing: bool = True,
    progress: Progress | None = None,
) -> Verification:
    """What of these flows passes the policies of this side, what is denied and by what, and which rules are idle?

    Args:
        side: The policies.
        flows: A flow dataset, or raw Hubble sources.
        settings: For the memory limit.
        selection: Which of the flows count.
        inventory: What `kubectl get … -o json` printed: pods that no flow shows, and policies in force.
        with_existing: Whether policies in force that the side does not hold are judged beside it.
        progress: Is told of stages.

    Raises:
        InvalidPolicyError: A manifest that an API server or the CNI would refuse.
        NoUsableFlowsError: Nothing in the flows can become an edge.
    """
    described = load_inventory(inventory)
    told = progress or Silence()
    observation = observe_inputs(flows, settings, selection, described, told).whole
    told.stage("replaying every edge against the manifests")
    picture = picture_of((side,), inventory=inventory, with_existing=with_existing)
    documents = (*picture.existing, *side.files.documents)
    reading = settings_of({document.document.get("kind") for document in documents})
    policies = policies_by_cluster(documents, observation.workloads, described, reading)
    decided = decide(
        observation.edges, workloads=observation.workloads, capture=observation.capture, inventory=described
    )
    trial = EdgeTrial(policies=policies, workloads={workload.end: workload for workload in observation.workloads})
    tried = tuple(
        TriedEdge(edge=edge, decided=decided[edge.edge_id], verdict=trial.judge(edge))
        for edge in sorted(observation.edges, key=lambda edge: edge.sort_key)
    )
    passing = [item.edge for item in tried if item.needed and item.verdict.all_pass]
    requests, denied_requests = _requests(passing, trial)
    pods = tuple(_pods(observation.workloads, described, policies))
    return Verification(
        policies=side.path,
        tried=tried,
        denied=tuple(item for item in tried if _is_cut(item)),
        still_open=tuple(
            item for item in tried if item.decided.disposition is Disposition.QUARANTINED and item.verdict.any_passes
        ),
        requests=requests,
        denied_requests=denied_requests,
        rules=_rules(
            policies,
            side=side,
            beside=picture.existing,
            observation=observation,
            decided=decided,
            inventory=described,
        ),
        idle=tuple(name for name in policies.idle(pod for _, pod in pods) if name in side.names),
        ungoverned=tuple(sorted(_ungoverned(pods, policies))),
        workloads=len({name for name, _ in pods}),
        existing=len(picture.existing),
        unjudged=picture.unjudged,
        sources=side.sources,
        capture=observation.capture,
    )


def _is_cut(item: TriedEdge) -> bool:
    """Whether something wanted does not pass; a pod's way to itself meets no policy, and health checks may fail."""
    if item.verdict.all_pass:
        return False
    if item.decided.disposition is Disposition.IMPLICIT:
        same_pod = isinstance(item.edge.client, WorkloadEnd) and item.edge.client == item.edge.server
        return not same_pod and _HEALTH not in {item.edge.client, item.edge.server}
    return item.needed


def _requests(edges: Iterable[Edge], trial: EdgeTrial) -> tuple[int, tuple[Denial, ...]]:
    """HTTP requests of edges that pass, by their sample paths, and those that no HTTP rule lets pass."""
    count, denied = 0, []
    for edge in edges:
        for kind in edge.evidence.http.kinds if edge.evidence.http else ():
            count += kind.requests
            for sample in kind.samples:
                verdict = trial.judge(edge, HttpRequest(method=kind.method, path=sample.path))
                if not verdict.all_pass and not kind.forbidden:
                    name = f"{edge.key} {kind.method} {sample.path}"
                    denied.append(replace(verdict.denial(edge, verdict.explanation), edge=name))
    return count, tuple(denied)


def _pods(
    workloads: Iterable[Workload], inventory: Inventory, policies: ClusterPolicies
) -> Iterator[tuple[str, JudgedEndpoint]]:
    """Everybody who may be a subject: seen, or of the inventory, which is of one cluster."""
    for workload in workloads:
        yield from ((str(replace(workload.end, cluster="")), pod) for pod in pods_of(workload))
    if len(policies.by_cluster) == 1:
        (cluster,) = policies.by_cluster
        yield from ((end.display, end.endpoint) for end in known_ends((), inventory, cluster=cluster))


def _ungoverned(
    pods: Iterable[tuple[str, JudgedEndpoint]], policies: ClusterPolicies
) -> Iterator[tuple[str, Direction]]:
    found: set[tuple[str, Direction]] = set()
    for name, pod in pods:
        owner = policies.of(pod)
        if not owner.view(pod).governed:
            continue
        found.update((name, direction) for direction in Direction if not owner.isolated_by(pod, direction))
    yield from found


def _rules(
    policies: ClusterPolicies,
    *,
    side: PolicySide,
    beside: Sequence[ManifestDocument],
    observation: Observation,
    decided: Mapping[str, Decided],
    inventory: Inventory,
) -> tuple[ExistingRule, ...]:
    """The use of every allow rule of the side; of a rule that several clusters have, all uses together."""
    named = tuple(replace(item, path=policy_name(item.document)) for item in side.files.documents)
    found: defaultdict[tuple[str, str, str], list[ExistingRule]] = defaultdict(list)
    for cluster, policy_set in policies.by_cluster.items():
        own = [item for item in named if item.cluster in {"", cluster}]
        speaking = frozenset(_speaking(policy_set))
        for rule in rule_usage(
            policy_set,
            (*beside, *own),
            edges=[edge for edge in observation.edges if _of_cluster(edge, cluster)],
            decided=decided,
            workloads=observation.workloads,
            known=known_ends(observation.workloads, inventory, cluster=cluster),
        ):
            if rule.policy in side.names and (rule.policy, rule.direction, rule.path) in speaking:
                found[rule.policy, rule.direction.value, rule.path].append(rule)
    return tuple(_joined(rules) for _, rules in sorted(found.items()))


def _speaking(policies: PolicySet) -> Iterator[tuple[str, Direction, str]]:
    """Policy, direction and path of the rules that name a peer at all: Cilium's `{}` turns default deny on, no more."""
    for direction, table in ((Direction.EGRESS, policies.egress), (Direction.INGRESS, policies.ingress)):
        for rules in (*table.selected_peers.values(), *table.other_peers.values()):
            for number in rules:
                yield table.policies[number], direction, table.paths[number].partition(".toPorts[")[0]


def _of_cluster(edge: Edge, cluster: str) -> bool:
    clusters = {end.cluster for end in (edge.client, edge.server) if isinstance(end, WorkloadEnd)}
    return bool(clusters & {"", cluster})


def _joined(rules: Sequence[ExistingRule]) -> ExistingRule:
    first = rules[0]
    return replace(
        first,
        edges=tuple(sorted({edge for rule in rules for edge in rule.edges})),
        suspicious=tuple(sorted({edge for rule in rules for edge in rule.suspicious})),
        connections=sum(rule.connections for rule in rules),
        last_used=max(rule.last_used for rule in rules),
    )
