"""What would allow quarantined edges, said in one dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.dialect.evidence_comment import EvidenceText
from recommender.dialect.losses import NOTHING
from recommender.dialect.manifest_path import held_path
from recommender.dialect.write import dialect_of
from recommender.dialect.yaml_text import document
from recommender.model.manifest import Manifest
from recommender.model.release import RELEASE_LABEL, WrittenRelease

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.dialect.interface import Said
    from recommender.dialect.yaml_text import Node
    from recommender.model.manifest import Dialect
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
        said = {
            policy.name: said_by.add(policy, evidence=evidence, several_clusters=several_clusters)
            for policy in release.policies
        }
        obstacle = release.obstacle or _obstacle(said.values())
        manifests = tuple(
            Manifest(path=file, policy=name, text=document(_labelled(body, release.edge_id)))
            for name, one in said.items()
            for body in one.bodies
        )
        found.append(
            WrittenRelease(
                edge_id=release.edge_id, file=file, manifests=() if obstacle else manifests, obstacle=obstacle
            )
        )
    return tuple(found)


def _obstacle(said: Iterable[Said]) -> str:
    """Why the dialect cannot say all of a release; empty if it can."""
    unsaid = [loss.wanted for one in said for loss in one.losses if not one.bodies or loss.written == NOTHING]
    return f"the dialect cannot say it: {unsaid[0]}" if unsaid else ""


def _labelled(body: Mapping[str, Node], edge_id: str) -> dict[str, Node]:
    """As a person's decision: without the mark of output that the next run would write anew, or not at all."""
    metadata = body["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101 - every dialect writes a mapping here
    return {**body, "metadata": {**metadata, "labels": {RELEASE_LABEL: edge_id}}}
