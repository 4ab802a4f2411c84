"""What becomes of each edge: the rules in their order; the first that claims an edge decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.context import make_context
from recommender.assess.implicit import health, own_node, same_pod
from recommender.assess.quarantine import (
    after_scan,
    dropped_only,
    every_single_sighting,
    explicit_deny,
    never_answered,
    ownerless_pod,
    refused_only,
    scan,
    single_sighting,
    slow_scan,
)
from recommender.assess.review import after_scan as regular_after_scan
from recommender.assess.review import (
    bare_pod,
    late_contact,
    metadata_service,
    no_answer_seen,
    one_occasion,
    seen_once,
    short_window,
    weak_direction,
)
from recommender.model.disposition import Decided, Disposition
from recommender.model.single_sightings import SingleSightings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from recommender.assess.context import EdgeContext
    from recommender.model.capture import Capture
    from recommender.model.edge import Edge, Workload
    from recommender.model.inventory import Inventory

    Claim = Callable[[EdgeContext], Mapping[str, str]]
    """Which edges (by id) a rule claims, and its reason in plain words."""

RULES: Final[tuple[tuple[Disposition, Claim], ...]] = (
    (Disposition.QUARANTINED, explicit_deny.claim),
    (Disposition.IMPLICIT, own_node.claim),
    (Disposition.IMPLICIT, health.claim),
    (Disposition.IMPLICIT, same_pod.claim),
    (Disposition.QUARANTINED, scan.claim),
    (Disposition.QUARANTINED, slow_scan.claim),
    (Disposition.QUARANTINED, dropped_only.claim),
    (Disposition.QUARANTINED, refused_only.claim),
    (Disposition.QUARANTINED, never_answered.claim),
    (Disposition.QUARANTINED, ownerless_pod.claim),
    (Disposition.QUARANTINED, after_scan.claim),
    (Disposition.QUARANTINED, single_sighting.claim),
    (Disposition.REVIEW, metadata_service.claim),
    (Disposition.REVIEW, short_window.claim),
    (Disposition.REVIEW, regular_after_scan.claim),
    (Disposition.REVIEW, seen_once.claim),
    (Disposition.REVIEW, late_contact.claim),
    (Disposition.REVIEW, one_occasion.claim),
    (Disposition.REVIEW, bare_pod.claim),
    (Disposition.REVIEW, weak_direction.claim),
    (Disposition.REVIEW, no_answer_seen.claim),
)
"""Why an edge is left out comes before why it deserves a look, and the more telling reason before the weaker one."""

STRICT_RULES: Final = (
    *(rule for rule in RULES if rule[0] is not Disposition.REVIEW),
    (Disposition.QUARANTINED, every_single_sighting.claim),
    *(rule for rule in RULES if rule[0] is Disposition.REVIEW),
)
"""The same for those who want no single sighting allowed."""


def decide(
    edges: Iterable[Edge],
    *,
    workloads: Iterable[Workload],
    capture: Capture,
    inventory: Inventory,
    forbidden: Mapping[str, tuple[str, ...]] | None = None,
    own_node_needs_rules: bool = False,
    single_sightings: SingleSightings = SingleSightings.REVIEW,
) -> dict[str, Decided]:
    """What becomes of each edge?

    Args:
        edges: all edges of the capture, in any order.
        workloads: every workload seen; names pods and owners.
        capture: the window and what it could have shown.
        inventory: owners of pods, where given.
        forbidden: by edge id, existing policies whose deny rules match it by their text.
        own_node_needs_rules: whether contacts from a pod's own node are edges like others.
        single_sightings: what becomes of those that nothing speaks against.

    Returns:
        One decision for every edge, by `Edge.edge_id`, in the order of `Edge.sort_key`. Needed is what no rule claims.
    """
    context = make_context(edges, workloads=workloads, capture=capture, inventory=inventory, forbidden=forbidden)
    claimed: dict[str, Decided] = {}
    rules = STRICT_RULES if single_sightings is SingleSightings.QUARANTINE else RULES
    for disposition, claim in rules:
        if own_node_needs_rules and claim is own_node.claim:
            continue
        for edge_id, reason in context.once(claim).items():
            told = Decided(disposition=disposition, reason=reason, by_deny_rule=claim is explicit_deny.claim)
            claimed.setdefault(edge_id, told)
    needed = Decided(disposition=Disposition.NEEDED)
    return {edge_id: claimed.get(edge_id, needed) for edge_id in context.edges}
