"""Changes between two sets of policies, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from recommender.model.disposition import Disposition

if TYPE_CHECKING:
    from recommender.model.policy import Direction
    from recommender.semantics.port_spans import PortSpan
    from recommender.semantics.recorded_report import RecordedEdge

_NEEDED: Final = frozenset(item.value for item in Disposition if item.allowed)


class ChangeKind(StrEnum):
    """What happened to a pair of ends."""

    ADDED = "added"
    """Nothing passed before, something does now."""
    WIDENED = "widened"
    """More passes than before."""
    SHIFTED = "shifted"
    """Some passes that did not, and some does not that did."""
    NARROWED = "narrowed"
    """Less passes than before."""
    REMOVED = "removed"
    """Something passed before, nothing does now."""

    @property
    def opens(self) -> bool:
        """Whether something passes that did not."""
        return self in {ChangeKind.ADDED, ChangeKind.WIDENED, ChangeKind.SHIFTED}

    @property
    def closes(self) -> bool:
        """Whether something is denied that was not."""
        return self in {ChangeKind.REMOVED, ChangeKind.NARROWED, ChangeKind.SHIFTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionChange:
    """One pair of ends whose ports differ."""

    source: str
    """`namespace/Kind/name`, an entity, `world`, `cidr:…` or `fqdn:…`."""
    destination: str
    kind: ChangeKind
    before: tuple[PortSpan, ...]
    """What any of the pods may use."""
    after: tuple[PortSpan, ...]
    gained: tuple[PortSpan, ...]
    lost: tuple[PortSpan, ...]
    """Denied now, or let through by a proxy only."""
    denied: tuple[PortSpan, ...]
    """Those of `lost` that no proxy lets through either."""
    partial: bool
    """Whether it holds for some pods of the two workloads only, by their labels."""
    because: tuple[str, ...]
    """What decides now, in words, sorted."""
    seen: tuple[RecordedEdge, ...]
    """Recorded edges on the ports gained or lost."""

    @property
    def cuts(self) -> tuple[RecordedEdge, ...]:
        """Recorded edges that were allowed as needed and that lie on the ports lost."""
        return tuple(edge for edge in self.seen if edge.disposition in _NEEDED and covers(self.denied, edge))


def covers(spans: tuple[PortSpan, ...], edge: RecordedEdge) -> bool:
    """Whether an edge's port lies in one of these spans."""
    return any(span.protocol.value == edge.protocol and span.low <= edge.port <= span.high for span in spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestChange:
    """One pair of ends whose HTTP requests on some port differ while the port stays open."""

    source: str
    destination: str
    port: str
    """Such as `TCP/8080`."""
    gained: tuple[str, ...]
    """Rules in words, such as `GET /items/.*`, that let requests pass now; sorted."""
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationChange:
    """A workload that default deny holds in one direction by one side only."""

    workload: str
    direction: Direction
    isolated: bool
    """By the new side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """One policy whose document differs."""

    name: str
    """`Kind/namespace/name`."""
    change: str
    """`added`, `removed` or `changed`."""
    text: tuple[str, ...]
    """Lines of a unified diff of the two documents, keys sorted and comments left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceChange:
    """What the newer of two reports saw that the older did not, or the other way round."""

    new_edges: tuple[RecordedEdge, ...]
    gone_edges: tuple[RecordedEdge, ...]
    new_findings: tuple[str, ...]
    """Such as `NPR401 Edges in quarantine: shop/web`."""
    settled_findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDiff:
    """Everything that differs."""

    old: str
    new: str
    connections: tuple[ConnectionChange, ...]
    """Sorted by source and destination."""
    requests: tuple[RequestChange, ...]
    isolation: tuple[IsolationChange, ...]
    policies: tuple[PolicyChange, ...]
    evidence: EvidenceChange | None
    """Only between two reports."""
    workloads: int
    pairs: int
    """Pairs of ends that were judged."""
    existing: int
    """Policies in force that were judged beside both."""
    unjudged: tuple[tuple[str, str], ...]
    """(name, reason) of policies in force that could not be."""

    @property
    def opens(self) -> bool:
        """Whether the new side lets anything pass that the old one did not."""
        return any(change.kind.opens for change in self.connections) or any(item.gained for item in self.requests)

    @property
    def closes(self) -> bool:
        """Whether the new side denies anything that the old one let pass."""
        return any(change.kind.closes for change in self.connections) or any(item.lost for item in self.requests)

    @property
    def cuts(self) -> tuple[RecordedEdge, ...]:
        """Needed edges of the reports that the new side denies and the old one let pass, each once."""
        found = {edge.key: edge for change in self.connections for edge in change.cuts}
        return tuple(found[key] for key in sorted(found))

    @property
    def differs(self) -> bool:
        """Whether anything about connections or requests differs."""
        return bool(self.connections or self.requests or self.isolation)
