"""Flow messages to the columns of FLOW_SCHEMA.

Per flow only what can be refused or needs a look-up is done at once; the rest is turned into columns for a few hundred
flows together, where columns that are rarely set cost next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from recommender.ingest.addresses import AddressBook
from recommender.ingest.event_id import content_event_id, uuid_event_id
from recommender.ingest.layers import (
    APPLICATION_COLUMNS,
    NO_APPLICATION,
    NO_TRANSPORT,
    TRANSPORT_COLUMNS,
    TcpFlags,
    application,
    dns_names,
    transport,
)
from recommender.ingest.rejects import RejectedRecordError, RejectReason
from recommender.ingest.timestamps import Clock
from recommender.ingest.vocabulary import (
    DIRECTIONS,
    DROP_REASONS,
    FLOW_TYPES,
    OBSERVATION_POINTS,
    TRACE_REASONS,
    TUNNELS,
    VERDICTS,
    XLATE_POINTS,
)
from recommender.model.flow_schema import FLOW_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.ingest.endpoints import EndpointTable
    from recommender.ingest.messages import Aggregate, Envelope, Flow, PolicyReference, Service

_TURN_FLOWS: Final = 1024
_NODE_CACHE_LIMIT: Final = 100_000
_UINT64_END: Final = 2**64
_LOOKED_UP_COLUMNS: Final = (
    "event_id",
    "uuid",
    "time",
    "cluster",
    "node",
    "source_endpoint",
    "destination_endpoint",
    *TRANSPORT_COLUMNS,
)


def split_node(name: str | None) -> tuple[str | None, str | None]:
    """Cluster and node of Hubble's `cluster/node`; without a slash the cluster is not told."""
    if not name:
        return None, None
    cluster, slash, node = name.partition("/")
    return (cluster or None, node or None) if slash else (None, name)


class FlowRows:
    """Gathers flows and gives them out as Arrow batches."""

    def __init__(self, endpoints: EndpointTable) -> None:
        self._endpoints = endpoints
        self._addresses = AddressBook()
        self._flags = TcpFlags()
        self._clock = Clock()
        self._nodes: dict[str | None, tuple[str | None, str | None]] = {}
        self._flows: list[Flow] = []
        self._looked_up: list[tuple[object, ...]] = []
        """_LOOKED_UP_COLUMNS of the same flows."""
        self._batches: list[pa.RecordBatch] = []
        self._total = 0
        self._taken = 0

    def __len__(self) -> int:
        return self._total + len(self._flows) - self._taken

    def append(self, envelope: Envelope, flow: Flow) -> None:
        """Add one flow.

        Raises:
            RejectedRecordError: if its time, an address, an endpoint or a number cannot be read.
        """
        text = flow.time or envelope.time
        if not text:
            raise RejectedRecordError(RejectReason.MISSING_TIME, "at `$.flow.time`")
        time = self._clock.nanoseconds(text)
        node_name = flow.node_name or envelope.node_name or envelope.camel_node_name
        if flow.IP is not None:
            self._addresses.correct(flow.IP)
        carried = NO_TRANSPORT if flow.l4 is None else transport(flow.l4, self._flags)
        source, destination = bytes(flow.source), bytes(flow.destination)
        source_id = self._endpoints.id_of(source, "source") if source else None
        destination_id = self._endpoints.id_of(destination, "destination") if destination else None
        if flow.socket_cookie is not None:
            _cookie(flow.socket_cookie)
        uuid = flow.uuid.lower() if flow.uuid else None
        if uuid:
            event_id = uuid_event_id(uuid)
        else:
            event_id = content_event_id(flow, node=node_name or "", time=time, transport=carried)
        cluster, node = self._nodes.get(node_name) or self._node(node_name)
        self._looked_up.append((event_id, uuid, time, cluster, node, source_id, destination_id, *carried))
        self._flows.append(flow)
        if len(self._flows) >= _TURN_FLOWS:
            self._turn()

    def take(self) -> pa.RecordBatch:
        """The flows gathered since the last call, as FLOW_SCHEMA."""
        self._turn()
        batches, self._batches, self._taken = self._batches, [], self._total
        return pa.concat_batches(batches) if batches else pa.RecordBatch.from_pylist([], schema=FLOW_SCHEMA)

    def _node(self, name: str | None) -> tuple[str | None, str | None]:
        if len(self._nodes) >= _NODE_CACHE_LIMIT:
            self._nodes.clear()
        return self._nodes.setdefault(name, split_node(name))

    def _turn(self) -> None:
        """Make columns of the last few flows, while they still lie in the processor's cache."""
        if not self._flows:
            return
        columns = turned(self._flows) | dict(zip(_LOOKED_UP_COLUMNS, zip(*self._looked_up, strict=True), strict=True))
        arrays = [_array(columns[field.name], field.type) for field in FLOW_SCHEMA]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=FLOW_SCHEMA))
        self._total += len(self._flows)
        self._looked_up.clear()
        self._flows.clear()


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    """The values as an Arrow array; a column that says the same in every flow is not converted value by value."""
    first = values[0]
    if (first is None or isinstance(first, str)) and first == values[-1] and values.count(first) == len(values):
        return pa.nulls(len(values), kind) if first is None else pa.repeat(pa.scalar(first, kind), len(values))
    return pa.array(values, kind)


def turned(flows: Sequence[Flow]) -> dict[str, Sequence[object]]:
    """All columns but those that are looked up flow by flow."""
    nothing = (None,) * len(flows)
    return {**_usual_columns(flows), **_rare_columns(flows, nothing), **_application_columns(flows, nothing)}


def _usual_columns(flows: Sequence[Flow]) -> dict[str, Sequence[object]]:
    addresses, emitters = [flow.IP for flow in flows], [flow.emitter for flow in flows]
    types = [flow.event_type for flow in flows]
    return {
        "emitter_name": [emitter and (emitter.name or None) for emitter in emitters],
        "emitter_version": [emitter and (emitter.version or None) for emitter in emitters],
        "type": [FLOW_TYPES[flow.Type] for flow in flows],
        "event_type": [(event.type or None) if event else None for event in types],
        "event_sub_type": [
            (event.sub_type or event.camel_sub_type or 0) if event and event.type else None for event in types
        ],
        "verdict": [VERDICTS[flow.verdict] for flow in flows],
        "drop_reason": [DROP_REASONS[flow.drop_reason_desc] or DROP_REASONS[flow.drop_reason] for flow in flows],
        "policy_match_type": [flow.policy_match_type or None for flow in flows],
        "traffic_direction": [DIRECTIONS[flow.traffic_direction] for flow in flows],
        "is_reply": [(flow.reply or None) if flow.is_reply is None else flow.is_reply for flow in flows],
        "trace_observation_point": [OBSERVATION_POINTS[flow.trace_observation_point] for flow in flows],
        "trace_reason": [TRACE_REASONS[flow.trace_reason] for flow in flows],
        "source_ip": [ip and (ip.source or None) for ip in addresses],
        "source_ip_translated": [ip and (ip.source_xlated or None) for ip in addresses],
        "destination_ip": [ip and (ip.destination or None) for ip in addresses],
    }


def _rare_columns(flows: Sequence[Flow], nothing: Sequence[None]) -> dict[str, Sequence[object]]:
    """Columns of which most captures hold none; an aggregate stands for at least one event, the record itself."""
    points, cookies = [flow.sock_xlate_point for flow in flows], [flow.socket_cookie for flow in flows]
    tunnels, aggregates = [flow.tunnel for flow in flows], [flow.aggregate for flow in flows]
    return {
        "sock_xlate_point": [XLATE_POINTS[point] for point in points] if any(points) else nothing,
        "socket_cookie": [_cookie(cookie) for cookie in cookies] if any(cookies) else nothing,
        "tunnel_protocol": [tunnel and TUNNELS[tunnel.protocol] for tunnel in tunnels] if any(tunnels) else nothing,
        "events": [1 if counts is None else _events(counts) for counts in aggregates],
        "source_names": _names([flow.source_names for flow in flows], nothing),
        "destination_names": _names([flow.destination_names for flow in flows], nothing),
        "source_service": _services([flow.source_service for flow in flows], nothing),
        "destination_service": _services([flow.destination_service for flow in flows], nothing),
        "egress_allowed_by": _policies([flow.egress_allowed_by for flow in flows], nothing),
        "ingress_allowed_by": _policies([flow.ingress_allowed_by for flow in flows], nothing),
        "egress_denied_by": _policies([flow.egress_denied_by for flow in flows], nothing),
        "ingress_denied_by": _policies([flow.ingress_denied_by for flow in flows], nothing),
    }


def _application_columns(flows: Sequence[Flow], nothing: Sequence[None]) -> dict[str, Sequence[object]]:
    layers = [flow.l7 for flow in flows]
    if not any(layers):
        return dict.fromkeys(APPLICATION_COLUMNS, nothing)
    rows = [NO_APPLICATION if layer is None else application(layer) for layer in layers]
    return dict(zip(APPLICATION_COLUMNS, zip(*rows, strict=True), strict=True))


def _names(column: Sequence[list[str] | None], nothing: Sequence[None]) -> Sequence[object]:
    return [dns_names(names) for names in column] if any(column) else nothing


def _services(column: Sequence[Service | None], nothing: Sequence[None]) -> Sequence[object]:
    return [_service(service) if service else None for service in column] if any(column) else nothing


def _policies(column: Sequence[list[PolicyReference] | None], nothing: Sequence[None]) -> Sequence[object]:
    if not any(column):
        return nothing
    return [[_policy(policy) for policy in policies] if policies else None for policies in column]


def _service(service: Service) -> str | None:
    return f"{service.namespace}/{service.name}" if service.name or service.namespace else None


def _policy(policy: PolicyReference) -> str:
    return f"{policy.kind or 'Policy'}/{policy.namespace}/{policy.name}"


def _events(counts: Aggregate) -> int:
    known = counts.ingress_flow_count + counts.egress_flow_count + counts.unknown_direction_flow_count
    return (known + counts.camel_ingress + counts.camel_egress + counts.camel_unknown) or 1


def _cookie(value: str | int | None) -> int | None:
    """A uint64 that protojson writes as text."""
    if not value:
        return None
    try:
        cookie = int(value)
    except ValueError as error:
        raise RejectedRecordError(RejectReason.WRONG_TYPE, "expected a number - at `$.flow.socket_cookie`") from error
    if not 0 <= cookie < _UINT64_END:
        raise RejectedRecordError(RejectReason.WRONG_TYPE, "expected 64 bits - at `$.flow.socket_cookie`")
    return cookie or None
