"""The one declared schema of stored flows: five Arrow tables, documented column by column.

`docs/flow-schema.md` is generated from this file. Flows refer to endpoints by `endpoint_id` and endpoints to label
sets by `label_set_id`; both ids are 64-bit hashes of content, so tables of separate captures merge by union.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

SCHEMA_VERSION: Final = 1

TIMESTAMP: Final = pa.timestamp("ns", tz="UTC")
TEXTS: Final = pa.list_(pa.string())

TCP_FLAG_BITS: Final = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ECE": 64, "CWR": 128, "NS": 256}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: what it holds, where Hubble has it, and what a null means."""

    name: str
    type: pa.DataType
    unit: str
    source: str
    meaning: str
    null: str
    """What a null means; the empty text if the column is never null."""

    @property
    def field(self) -> pa.Field:
        """The Arrow field."""
        return pa.field(self.name, self.type, nullable=bool(self.null))


def _column(  # noqa: PLR0917 - one line a column keeps the tables below readable
    name: str, kind: pa.DataType, source: str, meaning: str, null: str = "", unit: str = ""
) -> Column:
    return Column(name=name, type=kind, unit=unit, source=source, meaning=meaning, null=null)


_NO_L4 = "no transport header, or the field mask left it out"
_NOT_TRACE = "not a trace event, or not exported"
_NO_DNS = "not an L7 DNS record"
_NO_HTTP = "not an L7 HTTP record"

FLOW_COLUMNS: Final = (
    _column(
        "event_id",
        pa.uint64(),
        "uuid, or node, time, type, tuple, observation point",
        "Hash that makes a record unique: repeats have the same id.",
    ),
    _column("uuid", pa.string(), "flow.uuid", "Hubble's own id of the event.", "Cilium before 1.13, or masked"),
    _column("time", TIMESTAMP, "flow.time", "When the observing node saw it, by its own clock.", unit="ns"),
    _column(
        "cluster",
        pa.string(),
        "node_name before `/`",
        "Cilium cluster of the observing node.",
        "the cluster is called `default`, or an old or stripped envelope",
    ),
    _column("node", pa.string(), "node_name after `/`", "Observing node.", "stripped by a log shipper, or masked"),
    _column(
        "emitter_name",
        pa.string(),
        "flow.emitter.name",
        "Who made the record: `Hubble`, `Retina` …",
        "Cilium before 1.19",
    ),
    _column("emitter_version", pa.string(), "flow.emitter.version", "Version of the emitter.", "Cilium before 1.19"),
    _column("type", pa.string(), "flow.Type", "`L3_L4`, `L7` or `SOCK`.", "unknown, or masked"),
    _column(
        "event_type",
        pa.int16(),
        "flow.event_type.type",
        "1 drop, 4 trace, 5 policy verdict, 7 socket trace, 129 L7 access log.",
        "masked",
    ),
    _column(
        "event_sub_type",
        pa.int16(),
        "flow.event_type.sub_type",
        "Drop reason, observation point or translation point.",
        "no event type; an absent sub type beside a type is stored as 0",
    ),
    _column(
        "verdict",
        pa.string(),
        "flow.verdict",
        "`FORWARDED`, `DROPPED`, `ERROR`, `AUDIT`, `REDIRECTED`, `TRACED` or `TRANSLATED`.",
        "VERDICT_UNKNOWN, or masked",
    ),
    _column(
        "drop_reason",
        pa.string(),
        "flow.drop_reason_desc, else flow.drop_reason",
        "`POLICY_DENIED` (no rule allowed it), `POLICY_DENY` (a deny rule matched) …; an unknown number as text.",
        "not dropped",
    ),
    _column(
        "policy_match_type",
        pa.int8(),
        "flow.policy_match_type",
        "0 none, 1 L3, 2 L3-L4, 3 L4, 4 all, 5 L3-protocol, 6 protocol.",
        "0 (none), or not a verdict",
    ),
    _column(
        "traffic_direction",
        pa.string(),
        "flow.traffic_direction",
        "`INGRESS` or `EGRESS` of the connection; trusted on event types 5 and 129 only.",
        "unknown",
    ),
    _column(
        "is_reply",
        pa.bool_(),
        "flow.is_reply; a true flow.reply where is_reply is absent",
        "Tri-state: whether the packet answers the client.",
        "unknown, which is not false",
    ),
    _column(
        "trace_observation_point",
        pa.string(),
        "flow.trace_observation_point",
        "`TO_ENDPOINT`, `TO_OVERLAY` …",
        _NOT_TRACE,
    ),
    _column("trace_reason", pa.string(), "flow.trace_reason", "`NEW`, `ESTABLISHED`, `REPLY`, `RELATED` …", _NOT_TRACE),
    _column(
        "sock_xlate_point",
        pa.string(),
        "flow.sock_xlate_point",
        "`PRE_FWD`, `POST_FWD`, `PRE_REV` or `POST_REV`.",
        "not a socket trace",
    ),
    _column(
        "socket_cookie", pa.uint64(), "flow.socket_cookie", "Joins the records of one socket.", "not a socket trace"
    ),
    _column(
        "protocol", pa.string(), "key of flow.l4", "`TCP`, `UDP`, `SCTP`, `ICMPv4`, `ICMPv6`, `VRRP`, `IGMP`.", _NO_L4
    ),
    _column("source_ip", pa.string(), "flow.IP.source", "Before source NAT.", "not IP, or masked"),
    _column("source_ip_translated", pa.string(), "flow.IP.source_xlated", "After source NAT.", "no source NAT"),
    _column(
        "destination_ip",
        pa.string(),
        "flow.IP.destination",
        "As on the wire at the observation point.",
        "not IP, or masked",
    ),
    _column("source_port", pa.int32(), "flow.l4.*.source_port", "Port.", "no ports; socket traces have one of the two"),
    _column(
        "destination_port",
        pa.int32(),
        "flow.l4.*.destination_port",
        "Port.",
        "no ports; socket traces have one of the two",
    ),
    _column(
        "tcp_flags",
        pa.int16(),
        "flow.l4.TCP.flags",
        "Bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128, NS 256.",
        "no flags recorded (L7, socket, not TCP)",
    ),
    _column(
        "icmp_type",
        pa.int16(),
        "flow.l4.ICMPv4.type, flow.l4.ICMPv6.type",
        "Message type; absent in Hubble means 0.",
        "not ICMP",
    ),
    _column(
        "icmp_code",
        pa.int16(),
        "flow.l4.ICMPv4.code, flow.l4.ICMPv6.code",
        "Message code; absent in Hubble means 0.",
        "not ICMP",
    ),
    _column(
        "tunnel_protocol",
        pa.string(),
        "flow.tunnel.protocol",
        "`VXLAN` or `GENEVE`: the record shows the inner packet.",
        "not an underlay packet",
    ),
    _column("source_endpoint", pa.uint64(), "flow.source", "`endpoint_id` of the source.", "no endpoint in the record"),
    _column(
        "destination_endpoint",
        pa.uint64(),
        "flow.destination",
        "`endpoint_id` of the destination.",
        "no endpoint in the record",
    ),
    _column(
        "source_names",
        TEXTS,
        "flow.source_names",
        "DNS names known for the source address; no trailing dot.",
        "none recorded",
    ),
    _column(
        "destination_names",
        TEXTS,
        "flow.destination_names",
        "DNS names known for the destination address.",
        "none recorded",
    ),
    _column(
        "source_service", pa.string(), "flow.source_service", "`namespace/name`.", "the source is no service frontend"
    ),
    _column(
        "destination_service",
        pa.string(),
        "flow.destination_service",
        "`namespace/name`.",
        "the destination is no service frontend",
    ),
    _column("l7_type", pa.string(), "flow.l7.type", "`REQUEST`, `RESPONSE` or `SAMPLE`.", "not L7"),
    _column("l7_protocol", pa.string(), "flow.l7", "`dns`, `http` or `kafka`.", "not L7"),
    _column("dns_query", pa.string(), "flow.l7.dns.query", "Name asked for, lower case, no trailing dot.", _NO_DNS),
    _column("dns_ips", TEXTS, "flow.l7.dns.ips", "Addresses answered.", "no answer, or no address in it"),
    _column("dns_cnames", TEXTS, "flow.l7.dns.cnames", "Aliases answered.", "none"),
    _column("dns_ttl", pa.int64(), "flow.l7.dns.ttl", "Time to live.", _NO_DNS, unit="s"),
    _column(
        "dns_rcode",
        pa.int16(),
        "flow.l7.dns.rcode",
        "0 success, 3 NXDOMAIN; absent in Hubble means 0.",
        "not a DNS response",
    ),
    _column("http_method", pa.string(), "flow.l7.http.method", "Method.", _NO_HTTP),
    _column(
        "http_path",
        pa.string(),
        "flow.l7.http.url",
        "Path only; host, query, fragment and headers are never stored.",
        _NO_HTTP,
    ),
    _column("http_code", pa.int32(), "flow.l7.http.code", "Status.", "not an HTTP response"),
    _column(
        "egress_allowed_by", TEXTS, "flow.egress_allowed_by", "`Kind/namespace/name` of policies.", "none recorded"
    ),
    _column(
        "ingress_allowed_by", TEXTS, "flow.ingress_allowed_by", "`Kind/namespace/name` of policies.", "none recorded"
    ),
    _column("egress_denied_by", TEXTS, "flow.egress_denied_by", "`Kind/namespace/name` of policies.", "none recorded"),
    _column(
        "ingress_denied_by", TEXTS, "flow.ingress_denied_by", "`Kind/namespace/name` of policies.", "none recorded"
    ),
    _column(
        "events",
        pa.int64(),
        "flow.aggregate",
        "Records behind this one: 1, or the sum of an aggregated export's counts.",
    ),
)

ENDPOINT_COLUMNS: Final = (
    _column("endpoint_id", pa.uint64(), "hash of the row", "Refers here from flows."),
    _column(
        "local", pa.bool_(), "presence of flow.source.ID", "Whether the observing node reported it as its own endpoint."
    ),
    _column(
        "identity",
        pa.int64(),
        "flow.source.identity",
        "Numeric Cilium identity; 0 is unknown. Never joined across nodes.",
    ),
    _column("cluster", pa.string(), "flow.source.cluster_name, else the cluster label", "Cilium cluster.", "unknown"),
    _column(
        "namespace",
        pa.string(),
        "flow.source.namespace, else the namespace label",
        "Kubernetes namespace.",
        "not a pod",
    ),
    _column("pod", pa.string(), "flow.source.pod_name", "Pod name.", "not a pod, or its metadata was gone"),
    _column(
        "workload_kind", pa.string(), "flow.source.workloads[0].kind", "`Deployment`, `StatefulSet` …", "not reported"
    ),
    _column("workload_name", pa.string(), "flow.source.workloads[0].name", "Owner's name.", "not reported"),
    _column("label_set_id", pa.uint64(), "hash of flow.source.labels", "Refers to the label sets.", "no labels"),
)

LABEL_SET_COLUMNS: Final = (
    _column("label_set_id", pa.uint64(), "hash of the labels", "Refers here from endpoints."),
    _column("labels", TEXTS, "flow.source.labels", "Cilium labels, sorted, as Hubble prints them."),
)

EVENT_COLUMNS: Final = (
    _column("event_id", pa.uint64(), "hash of the row", "Repeats have the same id."),
    _column(
        "kind",
        pa.string(),
        "top-level key",
        "`lost_events`, `node_status`, `agent_event`, `debug_event`, or "
        "`agent_log`: log lines of the agent in one file.",
    ),
    _column("time", TIMESTAMP, "time of the envelope, or lost_events.first", "When.", "not given", unit="ns"),
    _column("cluster", pa.string(), "node_name before `/`", "Cilium cluster.", "not given"),
    _column("node", pa.string(), "node_name after `/`", "Node.", "not given"),
    _column(
        "detail",
        pa.string(),
        "lost_events.source, node_status.state_change, agent_event.type",
        "What kind of loss, change or event.",
        "not given",
    ),
    _column(
        "count", pa.int64(), "lost_events.num_events_lost", "Events lost; log lines for `agent_log`; 1 for other kinds."
    ),
    _column("nodes", TEXTS, "node_status.node_names", "Nodes concerned.", "not a node status"),
    _column("message", pa.string(), "node_status.message", "At most 200 characters.", "not given"),
)

REJECT_COLUMNS: Final = (
    _column("reason", pa.string(), "decoder", "Why the record could not be read, from a small fixed set."),
    _column("file", pa.string(), "source", "File name as given, or `-`."),
    _column("line", pa.int64(), "source", "First line of the record, counted from 1."),
    _column(
        "detail", pa.string(), "decoder", "The decoder's message with the path of the field.", "nothing more to say"
    ),
    _column("first_bytes", pa.string(), "source", "At most 120 characters of the record, control characters escaped."),
)


def _schema(columns: tuple[Column, ...]) -> pa.Schema:
    return pa.schema([column.field for column in columns])


FLOW_SCHEMA: Final = _schema(FLOW_COLUMNS)
ENDPOINT_SCHEMA: Final = _schema(ENDPOINT_COLUMNS)
LABEL_SET_SCHEMA: Final = _schema(LABEL_SET_COLUMNS)
EVENT_SCHEMA: Final = _schema(EVENT_COLUMNS)
REJECT_SCHEMA: Final = _schema(REJECT_COLUMNS)

TABLES: Final = {
    "flows": FLOW_COLUMNS,
    "endpoints": ENDPOINT_COLUMNS,
    "label_sets": LABEL_SET_COLUMNS,
    "events": EVENT_COLUMNS,
    "rejects": REJECT_COLUMNS,
}
