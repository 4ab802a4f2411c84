"""Edges: who talks to whom on which port, and the evidence for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

if TYPE_CHECKING:
    from recommender.model.entity import Entity
    from recommender.model.http_request import HttpEvidence
    from recommender.model.labels import LabelSet


class Protocol(StrEnum):
    """A protocol as Hubble's `l4` names it."""

    TCP = "TCP"
    UDP = "UDP"
    SCTP = "SCTP"
    ICMP = "ICMPv4"
    ICMPV6 = "ICMPv6"

    @property
    def has_ports(self) -> bool:
        """Whether an edge of this protocol carries a destination port (ICMP carries a message type instead)."""
        return self in {Protocol.TCP, Protocol.UDP, Protocol.SCTP}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class WorkloadEnd:
    """An end that is a workload of a cluster; `kind` is `Deployment`, `Pod`, … or `LabelSet` when no owner is known."""

    cluster: str = ""
    namespace: str
    kind: str
    name: str

    def __str__(self) -> str:
        prefix = f"{self.cluster}/" if self.cluster else ""
        return f"{prefix}{self.namespace}/{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EntityEnd:
    """An end that Cilium knows only as a reserved entity."""

    entity: Entity

    def __str__(self) -> str:
        return f"entity:{self.entity}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FqdnEnd:
    """An end outside the cluster that the client had looked up by this DNS name (lower case, no trailing dot)."""

    name: str

    def __str__(self) -> str:
        return f"fqdn:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AddressEnd:
    """An end outside the cluster known only by its address."""

    address: str

    def __str__(self) -> str:
        return f"ip:{self.address}"


End = WorkloadEnd | EntityEnd | FqdnEnd | AddressEnd


def end_sort_key(end: End) -> tuple[int, str]:
    """A total order over ends of all kinds."""
    match end:
        case WorkloadEnd():
            return (0, str(end))
        case EntityEnd():
            return (1, str(end))
        case FqdnEnd():
            return (2, str(end))
        case AddressEnd():
            return (3, str(end))
        case _:
            assert_never(end)


class OrientationReason(StrEnum):
    """Why one end was taken for the client: the rungs of the ladder, strongest first (hubble-quirks 2)."""

    TCP_FLAGS = "tcp-flags"
    L7_TYPE = "l7-type"
    IS_REPLY = "is-reply"
    TRACE_REASON = "trace-reason"
    LOCAL_END = "local-end"
    MATCHED_CONNECTION = "matched-connection"
    ICMP_TYPE = "icmp-type"
    KNOWN_SERVER_PORT = "known-server-port"
    PORT_NUMBER = "port-number"


STRONG_REASONS = frozenset(
    {
        OrientationReason.TCP_FLAGS,
        OrientationReason.L7_TYPE,
        OrientationReason.IS_REPLY,
        OrientationReason.TRACE_REASON,
        OrientationReason.LOCAL_END,
        OrientationReason.MATCHED_CONNECTION,
        OrientationReason.ICMP_TYPE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictMix:
    """Distinct connections of an edge by the strongest thing a policy said about them."""

    explicitly_denied: int = 0
    """A deny rule matched (AUDIT or DROPPED with a match type, `*_denied_by`, or drop reason 181)."""
    denied: int = 0
    """Dropped because no rule allowed it (drop reason 133)."""
    audited: int = 0
    """Let through by audit mode although no rule allowed it."""
    allowed_by_policy: int = 0
    """An existing rule allowed it."""
    no_verdict: int = 0
    """Seen only in traces: no policy governed this direction, or the connection was older than the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the capture holds for one edge. Counts are distinct things, never raw events, except `flows`."""

    connections: int
    """Distinct connections: same tuple with less than ten minutes of silence."""
    flows: int
    """Hubble records behind them; depends on monitor aggregation, so never a volume."""
    answered: int
    """Connections in which the server was seen to answer."""
    refused: int = 0
    """Connections in which the server's only answer was a TCP reset."""
    unopened: int = 0
    """TCP connections of which packets were recorded, but neither the opening nor a verdict: older than the window,
    resumed after a rest, or recorded in part."""
    turned_around: int = 0
    """Connections that were recorded the other way round: replies taken for new connections (hubble-quirks 4)."""
    from_own_node: int = 0
    """Connections whose client was the node that the server's pod runs on, whatever else that node is called."""
    client_pods: int
    server_pods: int
    client_nodes: int
    """Nodes that recorded it at the client's side."""
    server_nodes: int
    """Nodes that recorded it at the server's side."""
    both_sides: int
    """Connections recorded at both the client's and the server's side."""
    first_seen: int
    """Nanoseconds since the epoch."""
    last_seen: int
    active_hours: int
    active_six_hours: int
    active_days: int
    activity: bytes = b""
    """The hours in which it was seen, counted from `Capture.first_hour` (`model.activity`); empty if not recorded."""
    verdicts: VerdictMix
    egress_verdicts: int = 0
    """Connections with a policy verdict at the client's side."""
    ingress_verdicts: int = 0
    """Connections with a policy verdict at the server's side."""
    egress_allowed: int = 0
    """Of `egress_verdicts`, those of which every verdict says that an existing rule allows it."""
    ingress_allowed: int = 0
    """Of `ingress_verdicts`, the same."""
    broad_matches: int = 0
    """Connections that a rule without ports, without peers or without both allowed (hubble-quirks 58)."""
    reasons: tuple[tuple[OrientationReason, int], ...]
    """Orientation reason and number of connections whose direction rests on it, strongest first."""
    names: tuple[str, ...] = ()
    """DNS names that the client knew the server's addresses by: of its own answers, else those that Hubble recorded."""
    client_addresses: tuple[str, ...] = ()
    """Addresses of the client, kept for ends that are not pods (at most 256, smallest first)."""
    server_addresses: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    """Services (`namespace/name`) through which the client reached it."""
    policies: tuple[str, ...] = ()
    """Existing policies (`Kind/namespace/name`) that allowed it."""
    egress_policies: tuple[str, ...] = ()
    """Those of them that spoke at the client's side."""
    ingress_policies: tuple[str, ...] = ()
    """Those of them that spoke at the server's side."""
    broad_policies: tuple[str, ...] = ()
    """Those of them that are behind `broad_matches`."""
    sample_uuids: tuple[str, ...] = ()
    """At most three, smallest first; for `hubble observe --uuid`."""
    http: HttpEvidence | None = None
    """Its HTTP requests; None where none was logged."""

    @property
    def seen(self) -> bool:
        """Whether the capture shows it at all; a person may keep an edge that it does not."""
        return self.connections > 0

    @property
    def direction_known(self) -> bool:
        """Whether at least one connection shows who opened it by more than its port numbers."""
        return any(reason in STRONG_REASONS and count > 0 for reason, count in self.reasons)

    @property
    def is_name_in_doubt(self) -> bool:
        """Whether the server's addresses went by several DNS names when they were called."""
        return len(self.names) > 1


NOT_SEEN: Final = Evidence(
    connections=0,
    flows=0,
    answered=0,
    client_pods=0,
    server_pods=0,
    client_nodes=0,
    server_nodes=0,
    both_sides=0,
    first_seen=0,
    last_seen=0,
    active_hours=0,
    active_six_hours=0,
    active_days=0,
    verdicts=VerdictMix(),
    reasons=(),
)
"""Of an edge that is kept by a person's decision alone; its times mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Client → server on one protocol and server port: the unit of evidence."""

    client: End
    server: End
    protocol: Protocol
    port: int
    """Server port; for ICMP the message type."""
    evidence: Evidence = field(compare=False)
    edge_id: str = field(init=False, compare=False, repr=False)
    """Twelve hex digits that depend only on the ends, the protocol and the port."""

    def __post_init__(self) -> None:
        """Name it once: every stage asks for it."""
        object.__setattr__(self, "edge_id", hashlib.blake2b(self.key.encode(), digest_size=6).hexdigest())

    @property
    def key(self) -> str:
        """The edge in one line, such as `shop/Deployment/web -> shop/Deployment/db TCP/5432`."""
        return f"{self.client} -> {self.server} {self.protocol}/{self.port}"

    @property
    def sort_key(self) -> tuple[tuple[int, str], tuple[int, str], str, int]:
        """A total order over edges."""
        return (end_sort_key(self.client), end_sort_key(self.server), self.protocol.value, self.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A workload as the capture (and the inventory) know it."""

    end: WorkloadEnd
    label_sets: tuple[LabelSet, ...]
    """Every distinct identity label set seen on its pods, sorted by digest."""
    pods: tuple[str, ...] = ()
    """Pod names seen, sorted."""
    nodes: tuple[str, ...] = ()
    """Nodes that reported flows of its pods as local endpoints."""
    named_ports: tuple[tuple[str, str, int], ...] = ()
    """(name, protocol, number), from `gen:` labels or the inventory."""
    observed_locally: bool = True
    """Whether any node reported it as its own endpoint; if not, only the far side of its traffic is known."""
    host_network: bool = False
    starts_seen: int = 0
    """Pods that can be told to have started within the window: their start-up traffic is among the edges."""
    partly_selected: bool = False
    """Whether the selection leaves out some of its traffic: a policy made of the rest would cut that."""
