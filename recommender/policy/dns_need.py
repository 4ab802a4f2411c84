"""Which groups have a reason to resolve names, so that the DNS baseline covers them and nobody else?

A policy that forgets DNS is the commonest outage, and the cluster's DNS is also the commonest way out for an intruder's
data: it is given where there is a reason, and whoever goes without is named (NPR315).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from recommender.model.dns_scope import DnsScope
from recommender.model.edge import WorkloadEnd
from recommender.policy.group_directory import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.capture import Capture
    from recommender.model.edge import Edge
    from recommender.model.group import Group
    from recommender.policy.group_directory import GroupDirectory, GroupKey

TELLING_HOURS: Final = 24.0
"""Window from which on it means something that a group was not seen asking: each daily job had its turn."""

_STARTS_ANEW: Final = frozenset({"Job", "CronJob"})
"""Each run is a new process without a cache: had it needed a name, it would have asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsNeed:
    """The rule by which groups get the baseline."""

    scope: DnsScope
    telling: bool
    """Whether the window is long enough that silence is evidence."""
    clients: frozenset[GroupKey]
    """Groups with a member that opens connections and may hold names that it looked up before the window."""

    @classmethod
    def of(cls, allowed: Iterable[Edge], directory: GroupDirectory, *, scope: DnsScope, capture: Capture) -> DnsNeed:
        """Read the groups' own connections off the allowed edges."""
        clients = frozenset(
            key_of(group)
            for edge in allowed
            if isinstance(edge.client, WorkloadEnd) and edge.client.kind not in _STARTS_ANEW
            if (group := directory.group_of(edge.client))
        )
        return cls(scope=scope, telling=capture.hours >= TELLING_HOURS, clients=clients)

    def covers(self, group: Group) -> bool:
        """Whether a group that was not seen asking may ask nevertheless."""
        match self.scope:
            case DnsScope.ALL:
                return True
            case DnsScope.CLIENTS:
                return not self.telling or key_of(group) in self.clients
            case DnsScope.OBSERVED:
                return False
            case _:
                assert_never(self.scope)
