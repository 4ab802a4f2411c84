"""What the allowed edges ask of policies once workloads are taken as these groups, and two such levels joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.model.disposition import Disposition
from recommender.model.group import GroupOrigin
from recommender.policy.claims import baseline_claims, claims_of
from recommender.policy.common_needs import CommonNeeds
from recommender.policy.dns_baseline import plan_dns
from recommender.policy.dns_need import DnsNeed
from recommender.policy.dynamic_ports import DynamicPortPlan
from recommender.policy.group_directory import GroupDirectory, key_of
from recommender.policy.joining import Joining
from recommender.policy.known_ports import KnownPorts
from recommender.policy.peer_naming import Refusal
from recommender.policy.port_names import PortNames

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.capture import Capture
    from recommender.model.disposition import Decided
    from recommender.model.dns_scope import DnsScope
    from recommender.model.edge import Edge, Workload
    from recommender.model.group import Group
    from recommender.model.inventory import Inventory
    from recommender.model.widening import WideningLimits
    from recommender.policy.claims import Claim
    from recommender.policy.dns_baseline import DnsPlan
    from recommender.policy.group_directory import GroupKey

_KEPT_OUT = frozenset({Disposition.QUARANTINED, Disposition.EXCLUDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The edges that policies are made of, whatever the groups, and how far rules may go beyond them."""

    allowed: tuple[Edge, ...]
    """Sorted by `Edge.sort_key`."""
    kept_out: tuple[Edge, ...]
    """Quarantined and excluded ones, sorted alike."""
    decided: Mapping[str, Decided]
    workloads: Sequence[Workload]
    capture: Capture
    inventory: Inventory
    dns_scope: DnsScope
    limits: WideningLimits
    own_addresses: Sequence[str]

    @classmethod
    def of(
        cls,
        edges: Iterable[Edge],
        decided: Mapping[str, Decided],
        *,
        workloads: Sequence[Workload],
        capture: Capture,
        inventory: Inventory,
        dns_scope: DnsScope,
        limits: WideningLimits,
        own_addresses: Sequence[str],
    ) -> Demand:
        """Pick what was decided to be allowed and what was kept out."""
        ordered = sorted(edges, key=lambda edge: edge.sort_key)
        fates = {edge.edge_id: decided[edge.edge_id].disposition for edge in ordered}
        return cls(
            allowed=tuple(edge for edge in ordered if fates[edge.edge_id].allowed),
            kept_out=tuple(edge for edge in ordered if fates[edge.edge_id] in _KEPT_OUT),
            decided=decided,
            workloads=workloads,
            capture=capture,
            inventory=inventory,
            dns_scope=dns_scope,
            limits=limits,
            own_addresses=own_addresses,
        )

    @property
    def quarantined(self) -> list[Edge]:
        """Those kept out that wait for a person."""
        return [edge for edge in self.kept_out if self.decided[edge.edge_id].disposition is Disposition.QUARANTINED]

    def joining(self) -> Joining:
        """What rules may join."""
        return Joining.of(
            self.allowed,
            limits=self.limits,
            own_addresses=self.own_addresses,
            inventory=self.inventory,
            kept_out=self.kept_out,
            capture=self.capture,
        )

    def dynamic_ports(self, directory: GroupDirectory) -> DynamicPortPlan:
        """The pairs of these groups with many high ports."""
        return DynamicPortPlan.of(
            self.allowed,
            directory,
            known=KnownPorts.of(self.workloads, self.inventory, directory),
            kept_out=self.kept_out,
            window_hours=self.capture.hours,
            form=self.limits.ports,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What one way of grouping makes of the demand."""

    directory: GroupDirectory
    dns: DnsPlan
    dynamic: DynamicPortPlan
    needs: CommonNeeds
    names: PortNames
    claims: tuple[Claim, ...]
    refused: Mapping[str, tuple[Edge, Refusal]]
    """By edge id, in the order of the edges: what no rule can say."""

    @property
    def sensitive(self) -> frozenset[GroupKey]:
        """Groups whose policies come from the level of workloads."""
        return frozenset(key for key, group in self.directory.groups.items() if group.sensitive)

    def touches_sensitive(self, edge: Edge) -> bool:
        """Whether an end of the edge is in a sensitive group."""
        ends = (self.directory.group_of(edge.client), self.directory.group_of(edge.server))
        return any(group is not None and group.sensitive for group in ends)


def ask(groups: Sequence[Group], demand: Demand, *, finest: Sequence[Group] = ()) -> Level:
    """What the edges and the DNS baseline ask of these groups' policies, and the edges that no rule can say.

    Where groups are whole namespaces, the `finest` ones tell which ports are dynamic: many servers with a port each
    are not one server that picks its ports anew.
    """
    directory = GroupDirectory.of(groups, demand.workloads)
    need = DnsNeed.of(demand.allowed, directory, scope=demand.dns_scope, capture=demand.capture)
    dns = plan_dns(demand.allowed, directory, demand.workloads, need=need, quarantined=demand.quarantined)
    whole = any(group.origin is GroupOrigin.NAMESPACE for group in groups)
    dynamic = demand.dynamic_ports(GroupDirectory.of(finest, demand.workloads) if whole and finest else directory)
    claims = list(baseline_claims(directory=directory, dns=dns))
    refused: dict[str, tuple[Edge, Refusal]] = {}
    needs = CommonNeeds.of(demand.allowed)
    for edge in demand.allowed:
        asked = claims_of(edge, directory=directory, dns=dns, needs=needs, dynamic=dynamic)
        if isinstance(asked, Refusal):
            refused[edge.edge_id] = (edge, asked)
        else:
            claims.extend(asked)
    return Level(
        directory=directory,
        dns=dns,
        dynamic=dynamic,
        needs=needs,
        names=PortNames.of(demand.workloads, directory),
        claims=tuple(claims),
        refused=refused,
    )


def tighten(coarse: Level, finest: Level) -> Level:
    """The coarse level, with the claims of sensitive groups as they are at the level of workloads.

    So a sensitive group's policy is the one that it has where everything is at that level, peers included; the other
    end of its edges says the sensitive group by its own selector. An edge of it that the workload level cannot say
    is refused at both ends.
    """
    sensitive = coarse.sensitive
    refused = {key: found for key, found in coarse.refused.items() if not coarse.touches_sensitive(found[0])}
    refused |= {key: found for key, found in finest.refused.items() if coarse.touches_sensitive(found[0])}
    loose = (claim for claim in coarse.claims if key_of(claim.subject) not in sensitive)
    tight = (claim for claim in finest.claims if key_of(claim.subject) in sensitive)
    return replace(
        coarse,
        names=PortNames(by_group={**finest.names.by_group, **coarse.names.by_group}),
        claims=tuple(claim for claim in (*loose, *tight) if claim.edge not in refused),
        refused=dict(sorted(refused.items(), key=lambda item: item[1][0].sort_key)),
    )
