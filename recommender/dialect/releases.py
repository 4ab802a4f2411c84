"""What would allow quarantined edges, said in one dialect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from recommender.dialect.evidence_comment import EvidenceText
from recommender.dialect.losses import NOTHING
from recommender.dialect.manifest_path import held_path
from recommender.dialect.write import dialect_of
from recommender.dialect.yaml_text import document
from recommender.model.manifest import Dialect, Manifest
from recommender.model.policy import Direction
from recommender.model.release import RELEASE_LABEL, WrittenRelease

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.dialect.yaml_text import Node
    from recommender.model.policy import Policy
    from recommender.model.recommendation import AssessedEdge
    from recommender.model.release import Release


def write_releases(
    releases: Iterable[Release], dialect: Dialect, *, edges: Mapping[str, AssessedEdge], policies: Sequence[Policy]
) -> tuple[WrittenRelease, ...]:
    """Each release as manifests that carry its edge's id as a label, in the order given.

    `edges` are by edge id; `policies` are those of the run, before any dialect says them. A release that the dialect
    can say in part only is not written: half of it would look like a permission.
    """
    said_by, evidence = dialect_of(dialect), EvidenceText(edges=edges)
    several_clusters = len({policy.group.cluster for policy in policies}) > 1
    found: list[WrittenRelease] = []
    for release in releases:
        client = edges[release.edge_id].edge.client
        file = held_path(client, several_clusters=several_clusters)
        said = [
            said_by.say(_as_addition(policy, dialect), evidence=evidence, several_clusters=several_clusters)
            for policy in release.policies
        ]
        unsaid = [loss.wanted for one in said for loss in one.losses if one.body is None or loss.written == NOTHING]
        obstacle = release.obstacle or (f"the dialect cannot say it: {unsaid[0]}" if unsaid else "")
        bodies = [one.body for one in said if one.body is not None]
        manifests = tuple(
            Manifest(path=file, policy=policy.name, text=document(_labelled(body, release.edge_id)))
            for policy, body in zip(release.policies, bodies, strict=not obstacle)
        )
        found.append(
            WrittenRelease(
                edge_id=release.edge_id, file=file, manifests=() if obstacle else manifests, obstacle=obstacle
            )
        )
    return tuple(found)


def _as_addition(policy: Policy, dialect: Dialect) -> Policy:
    """A NetworkPolicy cannot allow without isolating; the pods that a release selects are isolated already."""
    match dialect:
        case Dialect.CILIUM:
            return policy
        case Dialect.KUBERNETES:
            directions = {rule.direction for rule in policy.rules}
            return replace(
                policy,
                isolate_ingress=Direction.INGRESS in directions,
                isolate_egress=Direction.EGRESS in directions,
            )
        case _:
            assert_never(dialect)


def _labelled(body: Mapping[str, Node], edge_id: str) -> dict[str, Node]:
    """As a person's decision: without the mark of output that the next run would write anew, or not at all."""
    metadata = body["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101 - every dialect writes a mapping here
    return {**body, "metadata": {**metadata, "labels": {RELEASE_LABEL: edge_id}}}
