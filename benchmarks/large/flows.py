"""The flows of a cluster, column by column: for each occasion the verdicts of both sides, an answer, a DNS lookup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommender.model.decoded import DecodedBatch
from recommender.model.flow_schema import EVENT_SCHEMA, FLOW_SCHEMA, REJECT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from benchmarks.large.places import Places
    from benchmarks.large.topology import Call, Topology

    Numbers = npt.NDArray[np.int64]

START_NS: Final = 1_793_577_600_000_000_000
HOUR_NS: Final = 3_600_000_000_000
HOURS: Final = 72
CALLS_A_BATCH: Final = 20_000
_SYN: Final = 2
_SYN_ACK: Final = 18
_SECOND: Final = 1_000_000_000
_MILLISECOND: Final = 1_000_000
_COREDNS: Final = 0
"""The first party."""


class _Occasions:
    """Connections of some calls: each an occasion, with pods, ports and a time drawn for it."""

    def __init__(self, calls: Sequence[Call], places: Places, random: np.random.Generator) -> None:
        times = np.array([call.occasions for call in calls])
        which = np.repeat(np.arange(len(calls)), times)
        self.clients, self.servers = (
            np.array([getattr(call, side) for call in calls], np.int64)[which] for side in ("client", "server")
        )
        self.port = np.array([call.port for call in calls], np.int32)[which]
        self.answered = np.array([call.answered for call in calls], bool)[which]
        self.tcp = np.array([call.protocol == "TCP" for call in calls], bool)[which]
        self.client = _place(self.clients, places, random)
        self.server = _place(self.servers, places, random)
        self.client_port = random.integers(32_768, 60_999, len(which)).astype(np.int32)
        self.time = START_NS + random.integers(0, HOURS * HOUR_NS, len(which))


def _place(parties: Numbers, places: Places, random: np.random.Generator) -> Numbers:
    return places.first[parties] + random.integers(0, places.count[parties])


def flow_batches(topology: Topology, places: Places, *, seed: int) -> Iterator[DecodedBatch]:
    """All flows, a few thousand calls at a time; endpoints and label sets come with the first batch."""
    random = np.random.default_rng(seed)
    calls = list(topology.calls.values())
    names = pa.array([getattr(party, "name", "") for party in topology.parties], pa.string())
    rows = 0
    for begin in range(0, len(calls), CALLS_A_BATCH):
        some = _Occasions(calls[begin : begin + CALLS_A_BATCH], places, random)
        parts = (_verdicts(some, places, egress=True), _verdicts(some, places, egress=False), _answers(some, places))
        flows = pa.concat_batches([*parts, _lookups(some, places, names, random)])
        yield _batch(_numbered(flows, rows), places, is_first=begin == 0)
        rows += flows.num_rows


def _batch(flows: pa.RecordBatch, places: Places, *, is_first: bool) -> DecodedBatch:
    until = None if is_first else 0
    return DecodedBatch(
        flows=flows,
        endpoints=places.endpoints.slice(0, until),
        label_sets=places.label_sets.slice(0, until),
        events=pa.RecordBatch.from_pylist([], schema=EVENT_SCHEMA),
        rejects=pa.RecordBatch.from_pylist([], schema=REJECT_SCHEMA),
    )


def _verdicts(some: _Occasions, places: Places, *, egress: bool) -> pa.RecordBatch:
    """What the policy of one side, in audit mode, says of the opening."""
    parties, here = (some.clients, some.client) if egress else (some.servers, some.server)
    kept = np.flatnonzero(places.is_pod[parties])
    client, server = some.client[kept], some.server[kept]
    sources, destinations = (places.local, places.remote) if egress else (places.remote, places.local)
    # A node's own processes are seen by that node alone, under its own name.
    own = ~places.is_pod[some.clients[kept]] & (not egress)
    return _flows(
        places,
        len(kept),
        time=some.time[kept] + (0 if egress else _MILLISECOND),
        node=places.node[here[kept]],
        event_type=5,
        verdict="AUDIT",
        traffic_direction="EGRESS" if egress else "INGRESS",
        is_reply=False,
        source=client,
        destination=server,
        source_endpoint=np.where(own, places.local[client], sources[client]),
        destination_endpoint=destinations[server],
        source_port=some.client_port[kept],
        destination_port=some.port[kept],
        tcp=some.tcp[kept],
        tcp_flags=_SYN,
    )


def _answers(some: _Occasions, places: Places) -> pa.RecordBatch:
    """The server's answer, as the node of the client's pod traces it, or that of the server's where there is none."""
    kept = np.flatnonzero(some.answered)
    client, server = some.client[kept], some.server[kept]
    at_client = places.is_pod[some.clients[kept]]
    return _flows(
        places,
        len(kept),
        time=some.time[kept] + 2 * _MILLISECOND,
        node=places.node[np.where(at_client, client, server)],
        event_type=4,
        verdict="FORWARDED",
        is_reply=True,
        trace_reason="REPLY",
        source=server,
        destination=client,
        source_endpoint=np.where(at_client, places.remote[server], places.local[server]),
        destination_endpoint=places.local[client],
        source_port=some.port[kept],
        destination_port=some.client_port[kept],
        tcp=some.tcp[kept],
        tcp_flags=_SYN_ACK,
    )


def _lookups(some: _Occasions, places: Places, names: pa.Array, random: np.random.Generator) -> pa.RecordBatch:
    """The proxy's record of the answer by which a pod learned an outside party's address."""
    outside = ~places.is_pod[some.servers] & np.asarray(pc.not_equal(names.take(pa.array(some.servers)), ""))
    kept = np.flatnonzero(outside & places.is_pod[some.clients])
    client, server = some.client[kept], some.server[kept]
    resolver = np.full(len(kept), places.first[_COREDNS])
    addresses = places.addresses.take(pa.array(server))
    return _flows(
        places,
        len(kept),
        time=some.time[kept] - _SECOND,
        node=places.node[client],
        type="L7",
        event_type=129,
        verdict="FORWARDED",
        is_reply=True,
        source=resolver,
        destination=client,
        source_endpoint=places.remote[resolver],
        destination_endpoint=places.local[client],
        source_port=np.full(len(kept), 53, np.int32),
        destination_port=random.integers(32_768, 60_999, len(kept)).astype(np.int32),
        tcp=np.zeros(len(kept), bool),
        l7_type="RESPONSE",
        l7_protocol="dns",
        dns_query=names.take(pa.array(some.servers[kept])),
        dns_ips=pa.ListArray.from_arrays(pa.array(np.arange(len(kept) + 1, dtype=np.int32)), addresses),
        dns_ttl=60,
    )


def _flows(
    places: Places, rows: int, *, node: Numbers, source: Numbers, destination: Numbers, tcp: Any, **given: Any
) -> pa.RecordBatch:
    """Rows of FLOW_SCHEMA from what is told of them: arrays, or one value for all."""
    flags = given.pop("tcp_flags", None)
    columns: dict[str, Any] = {
        "type": "L3_L4",
        "node": places.nodes.take(pa.array(node)),
        "source_ip": places.addresses.take(pa.array(source)),
        "destination_ip": places.addresses.take(pa.array(destination)),
        "protocol": pa.array(np.where(tcp, "TCP", "UDP").tolist(), pa.string()),
        "events": 1,
        "event_id": 0,
        "event_sub_type": 0,
        **given,
    }
    if flags is not None:
        columns["tcp_flags"] = pa.array(np.full(rows, flags), pa.int16(), mask=~tcp)
    return pa.RecordBatch.from_arrays(
        [_column(columns.get(field.name), field.type, rows) for field in FLOW_SCHEMA], schema=FLOW_SCHEMA
    )


def _column(value: Any, kind: pa.DataType, rows: int) -> pa.Array:
    if value is None:
        return pa.nulls(rows, kind)
    if isinstance(value, pa.Array):
        return value
    if isinstance(value, np.ndarray):
        return pa.array(value).cast(kind)
    return pa.repeat(pa.scalar(value, kind), rows)


def _numbered(flows: pa.RecordBatch, first: int) -> pa.RecordBatch:
    """With ids that no other row has."""
    numbers = range(first, first + flows.num_rows)
    ids = {
        "event_id": pa.array(np.arange(first, first + flows.num_rows, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)),
        "uuid": pa.array([f"{number:08x}-0000-4000-8000-000000000000" for number in numbers], pa.string()),
    }
    for name, column in ids.items():
        flows = flows.set_column(flows.schema.get_field_index(name), flows.schema.field(name), column)
    return flows
