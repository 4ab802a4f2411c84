"""Transport and application layer of a flow as parts of its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from recommender.ingest.rejects import RejectedRecordError, RejectReason
from recommender.ingest.vocabulary import L7_TYPES
from recommender.model.flow_schema import TCP_FLAG_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.ingest.messages import Dns, Http, Layer4, Layer7, Ports

TRANSPORT_COLUMNS: Final = ("protocol", "source_port", "destination_port", "tcp_flags", "icmp_type", "icmp_code")
Transport = tuple[str | None, int | None, int | None, int | None, int | None, int | None]
NO_TRANSPORT: Final[Transport] = (None,) * 6

APPLICATION_COLUMNS: Final = (
    "l7_type",
    "l7_protocol",
    "dns_query",
    "dns_ips",
    "dns_cnames",
    "dns_ttl",
    "dns_rcode",
    "http_method",
    "http_path",
    "http_code",
)
NO_APPLICATION: Final[tuple[object, ...]] = (None,) * len(APPLICATION_COLUMNS)
_NO_DNS: Final = (None,) * 5
_NO_HTTP: Final = (None,) * 3
_FLAGS_CACHE_LIMIT: Final = 4096


class TcpFlags:
    """TCP flag objects to bits, looked up by their bytes because few distinct ones occur."""

    def __init__(self) -> None:
        self._bits: dict[bytes, int | None] = {}

    def bits(self, raw: bytes) -> int | None:
        """The bits of `flow_schema.TCP_FLAG_BITS`; null is None, and `{}` is 0.

        Raises:
            RejectedRecordError: if it is no object of booleans.
        """
        try:
            return self._bits[raw]
        except KeyError:
            return self._learn(raw)

    def _learn(self, raw: bytes) -> int | None:
        try:
            flags = msgspec.json.decode(raw, type=dict[str, bool] | None, strict=False)
        except (msgspec.ValidationError, RecursionError) as error:
            raise RejectedRecordError(RejectReason.WRONG_TYPE, f"{error} in `$.flow.l4.TCP.flags`") from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RejectedRecordError(RejectReason.MALFORMED_JSON, f"{error} in `$.flow.l4.TCP.flags`") from error
        bits = None if flags is None else sum(bit for name, bit in TCP_FLAG_BITS.items() if flags.get(name))
        if len(self._bits) < _FLAGS_CACHE_LIMIT:
            self._bits[raw] = bits
        return bits


def transport(layer: Layer4, flags: TcpFlags) -> Transport:
    """TRANSPORT_COLUMNS of a flow; all None for a protocol that the decoder does not know."""
    tcp = layer.TCP
    if tcp is not None:
        raw = bytes(tcp.flags)
        source = tcp.source_port or tcp.camel_source_port or None
        destination = tcp.destination_port or tcp.camel_destination_port or None
        return "TCP", source, destination, flags.bits(raw) if raw else None, None, None
    if layer.UDP is not None:
        return "UDP", *_ports(layer.UDP), None, None, None
    if layer.SCTP is not None:
        return "SCTP", *_ports(layer.SCTP), None, None, None
    return _without_ports(layer)


def _without_ports(layer: Layer4) -> Transport:
    if layer.ICMPv4 is not None:
        return "ICMPv4", None, None, None, layer.ICMPv4.type, layer.ICMPv4.code
    if layer.ICMPv6 is not None:
        return "ICMPv6", None, None, None, layer.ICMPv6.type, layer.ICMPv6.code
    if layer.VRRP is not None:
        return ("VRRP", *NO_TRANSPORT[1:])
    return ("IGMP", *NO_TRANSPORT[1:]) if layer.IGMP is not None else NO_TRANSPORT


def _ports(layer: Ports) -> tuple[int | None, int | None]:
    """Port 0 is no port: socket traces omit one of the two, and some writers spell that out as 0."""
    return (
        layer.source_port or layer.camel_source_port or None,
        layer.destination_port or layer.camel_destination_port or None,
    )


def application(layer: Layer7) -> tuple[object, ...]:
    """APPLICATION_COLUMNS of a flow."""
    kind = L7_TYPES[layer.type]
    if layer.dns is not None:
        return (kind, "dns", *_dns(layer.dns, answer=kind == "RESPONSE"), *_NO_HTTP)
    if layer.http is not None:
        return (kind, "http", *_NO_DNS, *_http(layer.http))
    return (kind, "kafka" if layer.kafka is not None else None, *_NO_DNS, *_NO_HTTP)


def _dns(dns: Dns, *, answer: bool) -> tuple[object, ...]:
    query = None if dns.query is None else dns_name(dns.query)
    return query, dns.ips or None, dns_names(dns.cnames), dns.ttl, dns.rcode if answer else None


def _http(http: Http) -> tuple[object, ...]:
    return http.method or None, path_of(http.url), http.code or None


def dns_name(name: str) -> str:
    """The name in lower case without the trailing dot."""
    return name.rstrip(".").lower()


def dns_names(names: Iterable[str] | None) -> list[str] | None:
    """Names as `dns_name`, without empty ones and repeats; None if there are none."""
    if not names:
        return None
    return list(dict.fromkeys(name for name in map(dns_name, names) if name)) or None


def path_of(url: str) -> str | None:
    """The path of a URL; scheme, user, host, query and fragment are dropped, for they may hold secrets (quirk 62)."""
    bare = url.split("#", 1)[0].split("?", 1)[0]
    if bare.startswith("/") and not bare.startswith("//"):
        return bare
    scheme, separator, rest = bare.partition("//")
    if separator and (not scheme or scheme.endswith(":")):
        slash = rest.find("/")
        return rest[slash:] if slash >= 0 else "/"
    slash = bare.find("/")
    return bare[slash:] if slash >= 0 else None
