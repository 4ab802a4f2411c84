"""All detectors, in one list and one order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.context import edges_by_id, workloads_by_end
from recommender.assess.gaps import (
    aggregated_export,
    apply_order,
    blast_radius,
    clock_skew,
    cni_support,
    cross_environment,
    cut_off,
    dns_tunnel,
    dns_unseen,
    entangled_policies,
    explicitly_denied,
    filtered_export,
    host_network,
    idle_policies,
    inexpressible,
    init_identities,
    long_periods,
    lost_events,
    missed_runs,
    missing_openings,
    moved_workloads,
    never_seen,
    no_month_end,
    no_restart,
    no_rollback,
    no_staging,
    no_verdicts,
    no_weekend,
    older_connections,
    one_dns_protocol,
    other_emitter,
    quarantined,
    repeats,
    retired_policies,
    selected_flows,
    short_window,
    silent_hours,
    still_open,
    stripped_fields,
    told_by_lack,
    trace_only,
    uncalled_webhooks,
    unconnected_names,
    undeclared_ports,
    unjudged_policies,
    unmanaged_pods,
    unobserved_nodes,
    unoriented,
    unprobed_ports,
    unreadable,
    unresolved,
    unscraped_targets,
    unseen_replicas,
    unused_ports,
    unused_routes,
    unused_rules,
    unused_service,
    ways_from_outside,
    wide_rules,
    world_egress,
    world_ingress,
)
from recommender.assess.gaps.context import GapContext
from recommender.model.existing import ExistingPolicies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from recommender.model.capture import Capture
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload
    from recommender.model.enforcement_plan import EnforcementPlan
    from recommender.model.exposure import GroupExposure
    from recommender.model.gap import Gap
    from recommender.model.group import Group
    from recommender.model.inventory import Inventory
    from recommender.model.lookups import LookupLoad, UnconnectedNames
    from recommender.model.replay import ReplayProof

    Detector = Callable[[GapContext], Iterable[Gap]]

DETECTORS: Final[tuple[Detector, ...]] = (
    lost_events.detect,
    silent_hours.detect,
    unobserved_nodes.detect,
    no_verdicts.detect,
    unreadable.detect,
    unoriented.detect,
    unresolved.detect,
    repeats.detect,
    trace_only.detect,
    other_emitter.detect,
    inexpressible.detect,
    dns_unseen.detect,
    init_identities.detect,
    selected_flows.detect,
    stripped_fields.detect,
    aggregated_export.detect,
    filtered_export.detect,
    clock_skew.detect,
    older_connections.detect,
    missing_openings.detect,
    quarantined.detect,
    explicitly_denied.detect,
    world_ingress.detect,
    cross_environment.detect,
    world_egress.detect,
    still_open.detect,
    idle_policies.detect,
    unused_rules.detect,
    wide_rules.detect,
    entangled_policies.detect,
    told_by_lack.detect,
    dns_tunnel.detect,
    blast_radius.detect,
    ways_from_outside.detect,
    short_window.detect,
    no_weekend.detect,
    long_periods.detect,
    no_restart.detect,
    no_month_end.detect,
    never_seen.detect,
    unused_service.detect,
    missed_runs.detect,
    host_network.detect,
    unjudged_policies.detect,
    retired_policies.detect,
    unscraped_targets.detect,
    unused_ports.detect,
    undeclared_ports.detect,
    uncalled_webhooks.detect,
    unused_routes.detect,
    unseen_replicas.detect,
    unmanaged_pods.detect,
    unprobed_ports.detect,
    one_dns_protocol.detect,
    moved_workloads.detect,
    unconnected_names.detect,
    cni_support.detect,
    no_staging.detect,
    apply_order.detect,
    no_rollback.detect,
    cut_off.detect,
)
"""In the order of their codes."""


def find_gaps(
    *,
    capture: Capture,
    edges: Iterable[Edge],
    decided: Mapping[str, Decided],
    workloads: Iterable[Workload],
    groups: Iterable[Group],
    inventory: Inventory,
    proof: ReplayProof | None = None,
    existing: ExistingPolicies | None = None,
    own_node_needs_rules: bool = False,
    plan: EnforcementPlan | None = None,
    unconnected: Iterable[UnconnectedNames] = (),
    exposures: Iterable[GroupExposure] = (),
    lookups: Iterable[LookupLoad] = (),
) -> tuple[Gap, ...]:
    """What could this capture not show, and what should a person look at before enforcing?

    Args:
        capture: the window, losses and where every record went.
        edges: all edges, in any order.
        decided: what became of each, by `Edge.edge_id`, further exclusions included.
        workloads: every workload seen.
        groups: the communication groups.
        inventory: the cluster as described; empty without one.
        proof: the replay proof, once it was made.
        existing: what was found out about policies that are there already.
        own_node_needs_rules: whether probes from a pod's own node need a rule.
        plan: the policies as written, and what enforces them; without it nothing is said of the rollout.
        unconnected: outside names that were resolved and never called.
        exposures: what each group reaches, the widest first.
        lookups: clients and domains with many distinct names.

    Returns:
        The gaps of this room (codes in `codes.FINDINGS`), sorted by `Gap.sort_key`.
    """
    context = GapContext(
        capture=capture,
        edges=edges_by_id(edges),
        decided=decided,
        workloads=workloads_by_end(workloads),
        groups=tuple(sorted(groups, key=lambda group: (group.display, group.group_id))),
        inventory=inventory,
        proof=proof,
        existing=existing or ExistingPolicies(),
        own_node_needs_rules=own_node_needs_rules,
        plan=plan,
        unconnected=tuple(unconnected),
        exposures=tuple(exposures),
        lookups=tuple(lookups),
    )
    return tuple(sorted((gap for detect in DETECTORS for gap in detect(context)), key=lambda gap: gap.sort_key))
