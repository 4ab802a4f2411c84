"""The parts of usual lines, each distinct one decoded once.

A capture repeats itself: the same pods, flags and observation points come back in new lines. Each distinct part is
decoded with the very structs that whole lines are decoded with; its row is looked up by its bytes from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from msgspec import Raw, Struct

from recommender.ingest.addresses import AddressBook, canonical_address
from recommender.ingest.columns import split_node, turned
from recommender.ingest.layers import TRANSPORT_COLUMNS, TcpFlags, transport
from recommender.ingest.messages import NOTHING, Envelope, Flow
from recommender.ingest.rejects import RejectedRecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from recommender.ingest.endpoints import EndpointTable

Row = tuple[object, ...]
Message = TypeVar("Message", bound=Struct)

_CACHE_BYTES: Final = 64 * 2**20
_FLOW: Final = msgspec.json.Decoder(Flow)
_ENVELOPE: Final = msgspec.json.Decoder(Envelope)

OPENING_COLUMNS: Final = ("emitter_name", "emitter_version", "verdict", "drop_reason")
ADDRESS_COLUMNS: Final = ("source_ip_translated", "tunnel_protocol", *TRANSPORT_COLUMNS)
ENDS_COLUMNS: Final = ("source_endpoint", "destination_endpoint")
_PLACEHOLDER: Final = "0.0.0.0"  # noqa: S104 - an address that stands for the one that was cut out
_PLACEHOLDER_PORT: Final = b"1"


class _Ends(Struct, gc=False, forbid_unknown_fields=True):
    source: Raw
    destination: Raw


_ENDS: Final = msgspec.json.Decoder(_Ends)


class Segments:
    """Rows of one kind of part, numbered as they were first met; -1 stands for what must go the long way."""

    def __init__(self, decode: Callable[[bytes], Row | None]) -> None:
        self._decode = decode
        self._numbers: dict[bytes, int] = {}
        self._cached_bytes = 0
        self.rows: list[Row] = []

    def numbers(self, parts: Iterable[bytes]) -> list[int]:
        """The row of each of these distinct parts."""
        known = self._numbers
        return [known[part] if part in known else self._learn(part) for part in parts]

    def columns(self, names: Sequence[str], used: Sequence[int]) -> dict[str, Sequence[object]]:
        """The values of these rows, column by column."""
        rows = [self.rows[number] for number in used]
        return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())

    def forget_if_large(self) -> None:
        """Begin anew when the cache has grown too large; only between batches, since row numbers change."""
        if self._cached_bytes > _CACHE_BYTES:
            self._numbers.clear()
            self.rows.clear()
            self._cached_bytes = 0

    def _learn(self, part: bytes) -> int:
        row = self._decode(part)
        number = -1
        if row is not None:
            number = len(self.rows)
            self.rows.append(row)
        self._numbers[part] = number
        self._cached_bytes += len(part) + 200
        return number


def opening_row(part: bytes) -> Row | None:
    """OPENING_COLUMNS of `"emitter":{…},"verdict":"AUDIT",`."""
    flow = _members(part[:-1] if part.endswith(b",") else part)
    if flow is None or (part and not part.endswith(b",")) or not _only(flow, {"emitter", "verdict", "drop_reason"}):
        return None
    columns = turned([flow])
    return tuple(columns[name][0] for name in OPENING_COLUMNS)


def address_row(part: bytes, flags: TcpFlags) -> Row | None:
    """ADDRESS_COLUMNS of what follows the second address, with a mark where the ports were.

    The mark is a newline, which never stands inside a line: `","ipVersion":"IPv4"},"l4":{"TCP":{"source_port":` newline
    `,"flags":{"SYN":true}}}`.
    """
    before, mark, after = part.partition(b"\n")
    ports = b'%b,"destination_port":%b' % (_PLACEHOLDER_PORT, _PLACEHOLDER_PORT) if mark else b""
    flow = _members(b'"IP":{"destination":"%b%b%b%b' % (_PLACEHOLDER.encode(), before, ports, after))
    if flow is None or flow.IP is None or flow.l4 is None or not _only(flow, {"IP", "l4", "tunnel"}):
        return None
    if (flow.IP.destination, flow.IP.source) != (_PLACEHOLDER, None):
        return None
    try:
        AddressBook().correct(flow.IP)
        carried = transport(flow.l4, flags)
    except RejectedRecordError:
        return None
    if mark and carried[1:3] != (1, 1):
        return None
    columns = turned([flow])
    return (columns["source_ip_translated"][0], columns["tunnel_protocol"][0], *carried)


def ip_row(part: bytes) -> Row | None:
    """The address in its one spelling; None for what is none."""
    try:
        return (canonical_address(part.decode("ascii"), "source"),)
    except (UnicodeDecodeError, RejectedRecordError):
        return None


def ends_row(part: bytes, endpoints: EndpointTable) -> Row | None:
    """ENDS_COLUMNS of `"source":{…},"destination":{…}`."""
    ends = _decoded(_ENDS, b"{%b}" % part)
    if ends is None:
        return None
    source, destination = bytes(ends.source), bytes(ends.destination)
    try:
        return endpoints.id_of(source, "source"), endpoints.id_of(destination, "destination")
    except RejectedRecordError:
        return None


def closing_row(part: bytes, columns: Sequence[str]) -> Row | None:
    """These columns of `,"Type":"L3_L4",…},"node_name":"…"`, then cluster and node."""
    if b'"flow"' in part:
        return None
    envelope = _decoded(_ENVELOPE, b'{"flow":{%b}' % part[1:])
    if envelope is None or envelope.flow is None or envelope.time is not None:
        return None
    flow = envelope.flow
    set_before = {"time", "uuid", "emitter", "verdict", "drop_reason", "IP", "l4", "tunnel", "source", "destination"}
    if flow.camel_case or any(_is_set(flow, name) for name in set_before):
        return None
    try:
        found = turned([flow])
    except RejectedRecordError:
        return None
    node = split_node(flow.node_name or envelope.node_name or envelope.camel_node_name)
    return (*(found[name][0] for name in columns), *node)


def _members(text: bytes) -> Flow | None:
    """The members of a flow object, decoded on their own; None if they are not whole or spelled otherwise."""
    flow = _decoded(_FLOW, b"{%b}" % text)
    return None if flow is None or flow.camel_case else flow


def _decoded(decoder: msgspec.json.Decoder[Message], text: bytes) -> Message | None:
    try:
        if not text.isascii():
            text.decode()
        return decoder.decode(text)
    except (ValueError, RecursionError):
        return None


def _only(flow: Flow, allowed: set[str]) -> bool:
    return not any(_is_set(flow, name) for name in Flow.__struct_fields__ if name not in allowed)


def _is_set(flow: Flow, name: str) -> bool:
    value = getattr(flow, name)
    return value is not None and not (isinstance(value, Raw) and bytes(value) == bytes(NOTHING))
