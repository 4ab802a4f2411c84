"""NPR304, NPR305: entities that let in more than the one peer that was seen."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.model.entity import Entity
from recommender.model.gap import Gap, Severity
from recommender.model.policy import Direction, EntityPeer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.policy.claims import Claim

_WIDE = {(Entity.REMOTE_NODE, Direction.INGRESS), (Entity.WORLD, Direction.INGRESS), (Entity.WORLD, Direction.EGRESS)}


def entity_gaps(claims: Iterable[Claim]) -> tuple[Gap, ...]:
    """One gap for every group that a whole entity may reach, or that may reach the whole world."""
    grouped: dict[tuple[Entity, Direction, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        if isinstance(claim.peer, EntityPeer) and (claim.peer.entity, claim.direction) in _WIDE:
            grouped[claim.peer.entity, claim.direction, claim.subject.display].append(claim)
    return tuple(
        _gap(entity, direction, subject, members)
        for (entity, direction, subject), members in sorted(grouped.items(), key=lambda item: item[0])
    )


def _gap(entity: Entity, direction: Direction, subject: str, claims: list[Claim]) -> Gap:
    ports = tuple(str(port) for port in sorted({claim.port for claim in claims}))
    if entity is Entity.REMOTE_NODE:
        return Gap(
            code="NPR304",
            title="Any node may connect",
            severity=Severity.MEDIUM,
            subject=subject,
            reason="its clients appear as remote-node: host network pods or node processes, which have no labels",
            impact="A rule cannot narrow below the node, so every process on every node may use these ports.",
            action="If one workload needs this, move it off the host network; else accept the rule in review.",
            count=len(ports),
            examples=ports[:3],
            facts=(direction.value, entity.value, *ports),
        )
    inward = direction is Direction.INGRESS
    return Gap(
        code="NPR305",
        title="Open to the world",
        severity=Severity.INFO if inward else Severity.MEDIUM,
        subject=subject,
        reason="clients outside the cluster reached it"
        if inward
        else "it reached the world without an address or name",
        impact="Every address outside the cluster is allowed on these ports.",
        action="Confirm that it is meant to be public; if not, narrow the rule to the known addresses (CIDR).",
        count=len(ports),
        examples=ports[:3],
        facts=(direction.value, entity.value, *ports),
    )
