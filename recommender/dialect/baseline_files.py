"""The shared baselines of a run as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.dialect.cilium_baselines import CiliumBaseline
from recommender.dialect.header import provenance_lines
from recommender.dialect.manifest_path import cluster_wide_path
from recommender.dialect.wording import baseline_text, peer_text
from recommender.dialect.yaml_text import document
from recommender.model.manifest import Manifest
from recommender.model.policy import Baseline, Direction, GroupPeer
from recommender.model.shared_baseline import SharedBaseline
from recommender.model.system_namespace import is_system_namespace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.dialect.evidence_comment import EvidenceText
    from recommender.dialect.shared_baselines import Division, MovedRule
    from recommender.model.edge import WorkloadEnd
    from recommender.model.group import Group
    from recommender.model.manifest import Provenance
    from recommender.model.policy import Policy

_MAX_NAMED: Final = 40


def baseline_files(
    division: Division,
    policies: Sequence[Policy],
    groups: Sequence[Group],
    *,
    evidence: EvidenceText,
    provenance: Provenance,
    several_clusters: bool,
) -> tuple[SharedBaseline, ...]:
    """One file a cluster and baseline, sorted by both.

    `policies` are those before the division; `groups` are all groups of the run, with those that get no policy: a
    namespace is named as a whole only where every one of them is covered.
    """
    made: list[SharedBaseline] = []
    for (cluster, kind), rules in sorted(division.moved.items()):
        writer = CiliumBaseline(
            evidence=evidence,
            whole=_whole_namespaces(cluster, policies, groups),
            cluster=cluster if several_clusters else "",
        )
        name = f"netpol-recommend-{kind.value}"
        clients, servers = _ends(rules)
        text = document(writer.body(kind, name, rules), header=_header(kind, clients, servers, provenance))
        made.append(
            SharedBaseline(
                kind=kind,
                cluster=cluster,
                name=name,
                clients=clients,
                servers=servers,
                edges=tuple(sorted({edge for moved in rules for edge in moved.rule.edges})),
                manifest=Manifest(
                    path=cluster_wide_path(f"baseline-{kind.value}", cluster if several_clusters else ""),
                    policy=name,
                    text=text,
                ),
            )
        )
    return tuple(made)


def _whole_namespaces(
    cluster: str, policies: Sequence[Policy], groups: Sequence[Group]
) -> dict[str, frozenset[WorkloadEnd]]:
    """The namespaces of which every known group may ask DNS, with all that live there; system namespaces aside."""
    asking = {
        (policy.group.namespace, policy.group.name)
        for policy in policies
        if policy.group.cluster == cluster
        and any(rule.baseline is Baseline.DNS for rule in policy.rules_for(Direction.EGRESS))
    }
    here = [group for group in groups if group.cluster == cluster]
    kept_out = {group.namespace for group in here if (group.namespace, group.name) not in asking}
    members: dict[str, set[WorkloadEnd]] = {}
    for group in here:
        if group.namespace not in kept_out and not is_system_namespace(group.namespace):
            members.setdefault(group.namespace, set()).update(group.members)
    return {namespace: frozenset(found) for namespace, found in members.items()}


def _ends(rules: Sequence[MovedRule]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    clients: set[str] = set()
    servers: set[str] = set()
    for moved in rules:
        own, peer = moved.policy.group.display, peer_text(moved.rule.peer)
        if moved.rule.direction is Direction.EGRESS:
            clients.add(own)
            servers.add(peer)
        else:
            clients |= {peer} if isinstance(moved.rule.peer, GroupPeer) else set()
            servers.add(own)
    return tuple(sorted(clients)), tuple(sorted(servers))


def _header(kind: Baseline, clients: Sequence[str], servers: Sequence[str], provenance: Provenance) -> tuple[str, ...]:
    return (
        *provenance_lines(provenance),
        "",
        f"Baseline: {baseline_text(kind)}; {len(clients)} clients, {len(servers)} servers.",
        "It adds to the groups' own policies and isolates nobody; apply it before them.",
        *_named("Client", clients),
        *_named("Server", servers),
    )


def _named(word: str, names: Sequence[str]) -> tuple[str, ...]:
    lines = tuple(f"{word}: {name}" for name in names[:_MAX_NAMED])
    rest = len(names) - _MAX_NAMED
    return (*lines, f"{word}: {rest} more") if rest > 0 else lines
