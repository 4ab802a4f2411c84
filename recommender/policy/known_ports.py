"""Which ports do the pods of a workload's group declare, with a name or without?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.policy.group_directory import GroupKey, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.edge import End, Protocol, Workload
    from recommender.model.inventory import Inventory
    from recommender.policy.group_directory import GroupDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPorts:
    """(protocol, number) by group."""

    directory: GroupDirectory
    declared: Mapping[GroupKey, frozenset[tuple[str, int]]]

    @classmethod
    def of(cls, workloads: Iterable[Workload], inventory: Inventory, directory: GroupDirectory) -> KnownPorts:
        """Collect named ports of the workloads and container ports of the inventory's pods."""
        found: defaultdict[GroupKey, set[tuple[str, int]]] = defaultdict(set)
        for workload in workloads:
            if group := directory.group_of(workload.end):
                found[key_of(group)].update((protocol, number) for _, protocol, number in workload.named_ports)
        owners = {(end.namespace, end.kind, end.name): group for end, group in directory.by_member.items()}
        for pod in inventory.pods:
            if group := owners.get((pod.namespace, pod.owner_kind or "Pod", pod.owner_name or pod.name)):
                found[key_of(group)].update(pod.container_ports)
        return cls(directory=directory, declared={key: frozenset(ports) for key, ports in found.items()})

    def ports_of(self, end: End, protocol: Protocol) -> set[int]:
        """The numbers that the group of an end declares for a protocol; none for an end that is no pod."""
        group = self.directory.group_of(end)
        declared = self.declared.get(key_of(group), frozenset()) if group else frozenset()
        return {number for of, number in declared if of == protocol.value}
