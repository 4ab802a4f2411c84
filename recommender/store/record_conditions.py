"""Filter flags about a flow record as a whole: `--verdict`, `--type`, `--protocol` and the like.

Meanings follow `hubble observe` (cilium/cilium `hubble/cmd/observe`, `pkg/hubble/filters`).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import duckdb

from recommender.errors import UsageError
from recommender.model.flow_schema import TCP_FLAG_BITS
from recommender.store.address_range import address_predicate
from recommender.store.drop_reasons import DROP_REASONS
from recommender.store.end_conditions import name_pattern
from recommender.store.hubble_words import (
    DIRECTIONS,
    EVENT_TYPES,
    HTTP_METHODS,
    IP_VERSIONS,
    L4_PROTOCOLS,
    L7_PROTOCOLS,
    TRACE_POINTS,
    VERDICTS,
    known_word,
    unknown_value,
)
from recommender.store.sql_text import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HIGHEST_TYPE = 2**15 - 1
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|[0-9]?\+)", re.ASCII)
_ANY_NAME = "[-0-9a-z_.]+"


def record_predicate(flag: str, value: str) -> str:
    """Give SQL over one flow for a value of the flag.

    Raises:
        UsageError: the flag does not take the value.
    """
    return RECORD_FLAGS[flag](value)


def _verdict(value: str) -> str:
    return f"verdict = {quoted(known_word(value, flag='verdict', known=VERDICTS))}"


def _traffic_direction(value: str) -> str:
    return f"traffic_direction = {quoted(known_word(value, flag='traffic-direction', known=DIRECTIONS))}"


def _drop_reason(value: str) -> str:
    if not (value.isascii() and value.isdecimal()):
        value = known_word(value, flag="drop-reason-desc", known=DROP_REASONS)
    return f"drop_reason = {quoted(value)}"


def _http_method(value: str) -> str:
    return f"upper(http_method) = {quoted(known_word(value, flag='http-method', known=HTTP_METHODS))}"


def _http_status(value: str) -> str:
    """A status, or its first one or two digits and `+`."""
    if not _STATUS.fullmatch(value):
        raise UsageError(f"{value!r} is not a status", where="--http-status", hint="--http-status 404, or 5+ for 5xx")
    return f"starts_with(http_code::VARCHAR, {quoted(value.removesuffix('+'))})"


def _http_path(value: str) -> str:
    """A regular expression that matches anywhere in the path; DuckDB's are RE2, as Go's."""
    try:
        duckdb.execute("SELECT regexp_matches('', ?)", [value])
    except duckdb.Error as error:
        raise UsageError(
            f"{value!r} is not a regular expression", where="--http-path", hint="--http-path '^/page/[0-9]+$'"
        ) from error
    return f"regexp_matches(http_path, {quoted(value)})"


def _snat_ip(value: str) -> str:
    return address_predicate(value, column="source_ip_translated")


def _protocol(value: str) -> str:
    word = known_word(value, flag="protocol", known=(*L4_PROTOCOLS, *L7_PROTOCOLS))
    if word in L7_PROTOCOLS:
        return f"l7_protocol = {quoted(word)}"
    return f"protocol IN ({', '.join(map(quoted, L4_PROTOCOLS[word]))})"


def _type(value: str) -> str:
    """`TYPE[:SUBTYPE]`, each a name or a number; only trace has named sub types."""
    name, colon, sub_name = value.partition(":")
    number = _number(name, EVENT_TYPES)
    predicate = f"event_type = {number}"
    if not colon:
        return predicate
    names = TRACE_POINTS if number == EVENT_TYPES["trace"] else {}
    return f"({predicate} AND event_sub_type = {_number(sub_name, names)})"


def _number(text: str, names: Mapping[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if text.isascii() and text.isdecimal() and int(text) <= _HIGHEST_TYPE:
        return int(text)
    raise unknown_value(text, flag="type", known=names)


def _tcp_flags(value: str) -> str:
    """Flags that must all be set, joined by commas; others may be set too."""
    words = [known_word(word.strip(), flag="tcp-flags", known=TCP_FLAG_BITS) for word in value.split(",")]
    bits = sum(TCP_FLAG_BITS[word] for word in set(words))
    return f"(tcp_flags & {bits}) = {bits}"


def _node_name(value: str) -> str:
    """`node`, `cluster/node` or `cluster/`, with `*`; a node without a cluster name is in `default`."""
    cluster, slash, node = value.rpartition("/")
    if not value or "/" in cluster:
        raise UsageError(f"cannot read {value!r}", where="--node-name", hint="--node-name 'prod-*/node-1'")
    parts = (cluster if slash else "", node)
    pattern = "/".join(name_pattern(part, flag="node-name") if part else _ANY_NAME for part in parts)
    return f"regexp_full_match(lower(coalesce(cluster, 'default') || '/' || node), {quoted(pattern)})"


def _ip_version(value: str) -> str:
    version = IP_VERSIONS[known_word(value, flag="ip-version", known=IP_VERSIONS)]
    address = "coalesce(source_ip, destination_ip)"
    if version == "none":
        return f"{address} IS NULL"
    return f"contains({address}, ':')" if version == "v6" else f"NOT contains({address}, ':')"


def _uuid(value: str) -> str:
    return f"uuid = {quoted(value)}"


RECORD_FLAGS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "verdict": _verdict,
        "type": _type,
        "protocol": _protocol,
        "tcp-flags": _tcp_flags,
        "traffic-direction": _traffic_direction,
        "drop-reason-desc": _drop_reason,
        "http-method": _http_method,
        "http-path": _http_path,
        "http-status": _http_status,
        "snat-ip": _snat_ip,
        "ip-version": _ip_version,
        "node-name": _node_name,
        "uuid": _uuid,
    }
)
