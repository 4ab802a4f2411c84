"""What the server's pods call the ports of a rule. Rules hold numbers; the names are for the reader.

A named port in a rule would stand for whatever number each pod gives it, also one that was never seen, and it is
resolved by pod only: entities, addresses and CNIs without named ports could not follow. So a number stays a number.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recommender.model.policy import Direction, GroupPeer, PortName
from recommender.policy.group_directory import GroupKey, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.edge import Workload
    from recommender.model.group import Group
    from recommender.model.policy import Rule
    from recommender.policy.group_directory import GroupDirectory

    _Ports = tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortNames:
    """Named ports by group: (name, protocol, number), sorted."""

    by_group: Mapping[GroupKey, _Ports] = field(default_factory=dict)

    @classmethod
    def of(cls, workloads: Iterable[Workload], directory: GroupDirectory) -> PortNames:
        """Collect what all pods of a group declare (`gen:` labels, the inventory)."""
        found: defaultdict[GroupKey, set[tuple[str, str, int]]] = defaultdict(set)
        for workload in workloads:
            if group := directory.group_of(workload.end):
                found[key_of(group)].update(workload.named_ports)
        return cls(by_group={key: tuple(sorted(ports)) for key, ports in found.items()})

    def names_of(self, rule: Rule, subject: Group) -> tuple[PortName, ...]:
        """The names of a rule's single ports at its server."""
        if rule.direction is Direction.INGRESS:
            server = subject
        elif isinstance(rule.peer, GroupPeer):
            server = rule.peer.group
        else:
            return ()
        declared = self.by_group.get(key_of(server), ())
        return tuple(
            PortName(port=port, name=name, numbers=_numbers(declared, name, protocol))
            for port in rule.ports
            if not port.end_port
            for name, protocol, number in declared
            if (protocol, number) == (port.protocol.value, port.port)
        )


def _numbers(declared: _Ports, name: str, protocol: str) -> tuple[int, ...]:
    return tuple(sorted({number for other, of, number in declared if (other, of) == (name, protocol)}))
