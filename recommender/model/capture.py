"""The capture as a whole: window, nodes, losses, and where every record went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from recommender.model.activity import HOUR_NS, first_hour


def utc_text(nanoseconds: int) -> str:
    """A time in ISO 8601, UTC, to the second."""
    return datetime.fromtimestamp(nanoseconds // 1_000_000_000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class FlowClass(StrEnum):
    """What kind of traffic a flow record is; every stored flow falls into exactly one."""

    WORKLOAD = "workload"
    """At least one end is a pod: becomes an edge."""
    SOCKET = "socket"
    """Socket-level translation (Type SOCK): maps services to backends only."""
    HOST = "host"
    """Between nodes, or node and outside: host policy, not pod policy."""
    UNDERLAY = "underlay"
    """Tunnel and encryption packets between nodes."""
    HEALTH = "health"
    """Cilium's own health checks."""
    NEIGHBOUR_DISCOVERY = "neighbour-discovery"
    """IPv6 ND, router advertisements, MLD."""
    ICMP_ERROR = "icmp-error"
    """Belongs to another connection; conntrack lets it pass."""
    MULTICAST = "multicast"
    """Multicast, broadcast, DHCP and link-local chatter, which no policy names."""
    LOOPBACK = "loopback"
    """A pod to itself; no policy sees it."""
    NON_IP = "non-ip"
    """No IP or no transport header."""
    NOT_DEMAND = "not-demand"
    """Dropped for a datapath reason, or an error: no evidence of a wish to talk."""
    INIT = "init"
    """An end had no labels yet (reserved:init)."""
    INEXPRESSIBLE = "inexpressible"
    """A protocol that no policy API names (VRRP, IGMP, …)."""
    UNORIENTED = "unoriented"
    """Client and server could not be told apart."""
    UNRESOLVED = "unresolved"
    """An end could not be named: unknown identity, a service address without backends."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Silence:
    """Clock hours without a record; times are nanoseconds since the epoch."""

    start: int
    end: int
    """Not included."""

    @property
    def hours(self) -> int:
        """How many clock hours."""
        return (self.end - self.start) // 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCoverage:
    """What one node reported."""

    node: str
    flows: int
    first_seen: int
    last_seen: int
    active_hours: int
    quiet_hour_flows: int = 0
    """Tenth percentile of its records in the hours that have any: what a quiet hour of it usually holds."""
    silences: tuple[Silence, ...] = ()
    """Hours of the window in which it recorded nothing, in order."""
    lost_events: int = 0
    lost_hours: int = 0
    """Clock hours in which it lost events; 0 if the losses carry no time."""
    worst_loss_at: int = 0
    """Start of the hour with the most losses."""
    clock_offset: int | None = None
    """Nanoseconds that its clock is ahead of the median clock; None if nothing shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPresence:
    """Whether the export carries a field."""

    name: str
    """As an export's field mask names it."""
    expected: int
    """Records in which Hubble would set it."""
    present: int
    """Those of them in which it stands."""
    absent_on: tuple[str, ...] = ()
    """Nodes none of whose records have it, although they should; sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureHour:
    """One clock hour in which something was recorded."""

    hour: int
    """Hours since the epoch."""
    flows: int
    new_pods: int
    """Pods that no earlier record names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCount:
    """How many flows fell into a class, with samples."""

    flow_class: FlowClass
    flows: int
    examples: tuple[str, ...] = ()
    """At most three, in words, such as `10.0.0.1:8472 -> 10.0.0.2:8472 UDP on node-a`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCount:
    """How many records could not be read, for one reason."""

    reason: str
    lines: int
    examples: tuple[str, ...] = ()
    """At most three, as `file:line`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """The window and how much of it can be trusted. Times are nanoseconds since the epoch."""

    first_seen: int
    last_seen: int
    flows: int
    """Stored flow records, repeats removed."""
    repeats: int = 0
    """Records removed as repeats while ingesting."""
    selected_when_stored: bool = False
    """Whether the dataset itself holds only a selection of the flows that were read."""
    record_kinds: tuple[str, ...] = ()
    """Conditions on kinds of records (verdict, type …) that this run was told to keep to."""
    clusters: tuple[str, ...] = ()
    nodes: tuple[NodeCoverage, ...] = ()
    """Sorted by name."""
    unavailable_nodes: tuple[str, ...] = ()
    """Named in node_status records as unavailable, gone or in error."""
    lost_events: int = 0
    lost_by_source: tuple[tuple[str, int], ...] = ()
    classes: tuple[ClassCount, ...] = ()
    rejects: tuple[RejectCount, ...] = ()
    other_records: tuple[tuple[str, int], ...] = ()
    """Agent events, debug events and the like: (kind, count)."""
    emitters: tuple[tuple[str, int], ...] = ()
    """`name version` and number of flows."""
    fields: tuple[FieldPresence, ...] = ()
    """Fields that the rest depends on."""
    aggregated_flows: int = 0
    """Records that stand for several events of an aggregated export."""
    late_openings: int = 0
    """TCP connections first seen an hour or more after the window began, with packets that carry flags."""
    late_unopened: int = 0
    """Those of them whose opening is missing."""
    verdict_flows: int = 0
    """Policy verdict records (event type 5)."""
    audit_flows: int = 0
    trace_flows: int = 0
    """Trace records (event type 4): packets whatever policies say, answers among them."""
    reply_flows: int = 0
    """Answers, by is_reply or, where that is unknown, by trace reason, L7 type or TCP flags."""
    dns_answers: int = 0
    """L7 DNS responses with addresses."""
    recorded_hours: tuple[CaptureHour, ...] = ()
    """In order; an hour that is not there holds no record."""

    @property
    def first_hour(self) -> int:
        """The hour since the epoch that activity counts from."""
        return first_hour(self.first_seen, self.last_seen)

    @property
    def hour_count(self) -> int:
        """Clock hours that the window touches and activity can tell apart."""
        return self.last_seen // HOUR_NS - self.first_hour + 1

    @property
    def hours(self) -> float:
        """Length of the window in hours."""
        return (self.last_seen - self.first_seen) / 3.6e12

    @property
    def window_text(self) -> str:
        """First and last flow in UTC to the second, and how far they are apart."""
        first, last = (utc_text(value) for value in (self.first_seen, self.last_seen))
        length = f"{self.days:.1f} days" if self.days >= 2 else f"{self.hours:.1f} hours"  # noqa: PLR2004
        return f"{first} to {last} ({length})"

    @property
    def days(self) -> float:
        """Length of the window in days."""
        return self.hours / 24
