"""The shapes of Hubble's JSON messages, as far as they are stored (Cilium `api/v1/flow/flow.proto`).

Field names are those of the wire, so `IP`, `Type` and `TCP` keep their capitals. Unknown keys are skipped. Fields named
`camel_…` are the other spelling; where a flow itself has one, the record is respelled and decoded again.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Raw, Struct, field

Int16 = Annotated[int, Meta(ge=-(2**15), le=2**15 - 1)]
Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
UInt8 = Annotated[int, Meta(ge=0, le=2**8 - 1)]
Port = Annotated[int, Meta(ge=0, le=2**16 - 1)]
UInt32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]
MatchType = Annotated[int, Meta(ge=0, le=127)]
EnumValue = str | Int32
"""A name, or the number of a value that the encoder did not know."""

NOTHING: Final = Raw(b"")


class Emitter(Struct, gc=False):
    """Who made the record."""

    name: str | None = None
    version: str | None = None


class Addresses(Struct, gc=False):
    """`flow.IP`."""

    source: str | None = None
    destination: str | None = None
    source_xlated: str | None = None
    camel_source_xlated: str | None = field(default=None, name="sourceXlated")


class Ports(Struct, gc=False):
    """`flow.l4.TCP`, `.UDP` and `.SCTP`."""

    source_port: Port | None = None
    destination_port: Port | None = None
    flags: Raw = NOTHING
    """Left raw: few distinct values occur, so they are looked up by their bytes."""
    camel_source_port: Port | None = field(default=None, name="sourcePort")
    camel_destination_port: Port | None = field(default=None, name="destinationPort")


class Icmp(Struct, gc=False):
    """`flow.l4.ICMPv4` and `.ICMPv6`; an absent type is type 0."""

    type: UInt8 = 0
    code: UInt8 = 0


class Nameless(Struct, gc=False):
    """A message of which only the presence matters."""


class Layer4(Struct, gc=False):
    """`flow.l4`: exactly one of these."""

    TCP: Ports | None = None
    UDP: Ports | None = None
    SCTP: Ports | None = None
    ICMPv4: Icmp | None = None
    ICMPv6: Icmp | None = None
    VRRP: Nameless | None = None
    IGMP: Nameless | None = None


class Tunnel(Struct, gc=False):
    """`flow.tunnel`: the outer header, of which only the protocol is of interest."""

    protocol: EnumValue | None = None


class EventType(Struct, gc=False):
    """`flow.event_type`."""

    type: Int16 = 0
    sub_type: Int16 = 0
    camel_sub_type: Int16 | None = field(default=None, name="subType")


class Service(Struct, gc=False):
    """`flow.source_service`, `flow.destination_service`."""

    name: str = ""
    namespace: str = ""


class PolicyReference(Struct, gc=False):
    """One element of `flow.*_allowed_by` and `flow.*_denied_by`."""

    name: str = ""
    namespace: str = ""
    kind: str = ""


class Dns(Struct, gc=False):
    """`flow.l7.dns`."""

    query: str | None = None
    ips: list[str] | None = None
    ttl: UInt32 = 0
    cnames: list[str] | None = None
    rcode: Int16 = 0
    qtypes: list[str] | None = None


class Http(Struct, gc=False):
    """`flow.l7.http`; headers are left out on purpose (hubble-quirks 62)."""

    code: Int32 = 0
    method: str = ""
    url: str = ""


class Layer7(Struct, gc=False):
    """`flow.l7`."""

    type: EnumValue | None = None
    dns: Dns | None = None
    http: Http | None = None
    kafka: Nameless | None = None


class Aggregate(Struct, gc=False):
    """`flow.aggregate` of an aggregated export: counts of events, not of connections."""

    ingress_flow_count: UInt32 = 0
    egress_flow_count: UInt32 = 0
    unknown_direction_flow_count: UInt32 = 0
    camel_ingress: UInt32 = field(default=0, name="ingressFlowCount")
    camel_egress: UInt32 = field(default=0, name="egressFlowCount")
    camel_unknown: UInt32 = field(default=0, name="unknownDirectionFlowCount")


class CamelCaseFlow(Struct, gc=False):
    """The camelCase keys that plain protojson and grpcurl write; any of them asks for respelling."""

    camel_node: Any = field(default=None, name="nodeName")
    camel_event: Any = field(default=None, name="eventType")
    camel_direction: Any = field(default=None, name="trafficDirection")
    camel_reply: Any = field(default=None, name="isReply")
    camel_point: Any = field(default=None, name="traceObservationPoint")
    camel_reason: Any = field(default=None, name="traceReason")
    camel_match: Any = field(default=None, name="policyMatchType")
    camel_drop: Any = field(default=None, name="dropReason")
    camel_drop_desc: Any = field(default=None, name="dropReasonDesc")
    camel_source_names: Any = field(default=None, name="sourceNames")
    camel_destination_names: Any = field(default=None, name="destinationNames")
    camel_source_service: Any = field(default=None, name="sourceService")
    camel_destination_service: Any = field(default=None, name="destinationService")
    camel_xlate: Any = field(default=None, name="sockXlatePoint")
    camel_cookie: Any = field(default=None, name="socketCookie")
    camel_egress_allowed: Any = field(default=None, name="egressAllowedBy")
    camel_ingress_allowed: Any = field(default=None, name="ingressAllowedBy")
    camel_egress_denied: Any = field(default=None, name="egressDeniedBy")
    camel_ingress_denied: Any = field(default=None, name="ingressDeniedBy")


class Flow(CamelCaseFlow, gc=False):
    """`flow.Flow`; endpoints stay raw and are looked up by their bytes."""

    time: str | None = None
    uuid: str | None = None
    emitter: Emitter | None = None
    verdict: EnumValue | None = None
    drop_reason: Int32 | None = None
    drop_reason_desc: EnumValue | None = None
    IP: Addresses | None = None
    l4: Layer4 | None = None
    tunnel: Tunnel | None = None
    source: Raw = NOTHING
    destination: Raw = NOTHING
    Type: EnumValue | None = None
    node_name: str | None = None
    source_names: list[str] | None = None
    destination_names: list[str] | None = None
    l7: Layer7 | None = None
    reply: bool | None = None
    is_reply: bool | None = None
    event_type: EventType | None = None
    source_service: Service | None = None
    destination_service: Service | None = None
    traffic_direction: EnumValue | None = None
    policy_match_type: MatchType | None = None
    trace_observation_point: EnumValue | None = None
    trace_reason: EnumValue | None = None
    sock_xlate_point: EnumValue | None = None
    socket_cookie: str | int | None = None
    egress_allowed_by: list[PolicyReference] | None = None
    ingress_allowed_by: list[PolicyReference] | None = None
    egress_denied_by: list[PolicyReference] | None = None
    ingress_denied_by: list[PolicyReference] | None = None
    aggregate: Aggregate | None = None

    @property
    def camel_case(self) -> bool:
        """Whether any key of this record is spelled in camelCase."""
        return not (
            self.camel_node is None
            and self.camel_event is None
            and self.camel_direction is None
            and self.camel_reply is None
            and self.camel_point is None
            and self.camel_reason is None
            and self.camel_match is None
            and self.camel_drop is None
            and self.camel_drop_desc is None
            and self.camel_source_names is None
            and self.camel_destination_names is None
            and self.camel_source_service is None
            and self.camel_destination_service is None
            and self.camel_xlate is None
            and self.camel_cookie is None
            and self.camel_egress_allowed is None
            and self.camel_ingress_allowed is None
            and self.camel_egress_denied is None
            and self.camel_ingress_denied is None
        )


class Envelope(Struct, gc=False):
    """`observer.GetFlowsResponse` and the exporter's `ExportEvent`, as far as they hold a flow."""

    flow: Flow | None = None
    node_name: str | None = None
    time: str | None = None
    camel_node_name: str | None = field(default=None, name="nodeName")


class WorkloadReference(Struct, gc=False):
    """One element of `flow.source.workloads`."""

    name: str | None = None
    kind: str | None = None


class EndpointMessage(Struct, gc=False):
    """`flow.source` and `flow.destination`."""

    ID: UInt32 | None = None
    identity: UInt32 = 0
    cluster_name: str | None = None
    namespace: str | None = None
    labels: list[str] | None = None
    pod_name: str | None = None
    workloads: list[WorkloadReference] | None = None


class LostEvents(Struct, gc=False):
    """`flow.LostEvent`."""

    source: EnumValue | None = None
    num_events_lost: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 1
    first: str | None = None


class NodeStatus(Struct, gc=False):
    """`relay.NodeStatusEvent`."""

    state_change: EnumValue | None = None
    node_names: list[str] | None = None
    message: str | None = None


class TypedEvent(Struct, gc=False):
    """`flow.AgentEvent` and `flow.DebugEvent`: only the type is kept."""

    type: EnumValue | None = None
