"""Filter flags about one end of a flow: `--pod`, `--from-pod` and `--to-pod` differ only in the end that they look at.

Meanings follow `hubble observe` (cilium/cilium `hubble/cmd/observe`, `pkg/hubble/filters`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from recommender.errors import UsageError
from recommender.store.address_range import address_predicate
from recommender.store.hubble_words import RESERVED_IDENTITIES, unknown_value
from recommender.store.label_selector import label_predicate
from recommender.store.sql_text import all_of, any_of, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HIGHEST_PORT = 65_535
_HIGHEST_IDENTITY = 2**32 - 1
_DNS_CHARACTERS = "[-a-zA-Z0-9_.]*"
_NAME_PATTERN = re.compile(r"[-a-zA-Z0-9_.*]+", re.ASCII)


class End(StrEnum):
    """Which end of a flow; also the prefix of its columns."""

    SOURCE = "source"
    DESTINATION = "destination"


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTables:
    """SQL names of the relations that describe endpoints."""

    endpoints: str = "endpoints"
    label_sets: str = "label_sets"


def end_predicate(kind: str, value: str, end: End, tables: SideTables) -> str:
    """Give SQL over one flow for a value of the flag `kind` (without `from-` or `to-`), looking at one end.

    Raises:
        UsageError: the value cannot be read.
    """
    return END_KINDS[kind](value, end, tables)


def _endpoint(end: End, tables: SideTables, predicate: str) -> str:
    chosen = f"SELECT endpoint_id FROM {tables.endpoints} WHERE {predicate}"
    return f"{end}_endpoint IN ({chosen})"


def name_pattern(value: str, *, flag: str) -> str:
    """Give the regular expression for a DNS, node or cluster name in which `*` stands for any characters.

    Raises:
        UsageError: a character that no such name has.
    """
    text = value.strip().removesuffix(".").lower()
    if not _NAME_PATTERN.fullmatch(text):
        raise UsageError(
            f"{value!r} is not a name with letters, digits, `-`, `_`, `.` and `*`",
            where=f"--{flag}",
            hint=f"--{flag} '*.example.com'",
        )
    return text.replace(".", "[.]").replace("*", _DNS_CHARACTERS)


def _namespace(value: str, end: End, tables: SideTables) -> str:
    # A service address has no namespace of its own before translation, but its service has one.
    service = f"starts_with({end}_service, {quoted(value + '/')})"
    return any_of((_endpoint(end, tables, f"namespace = {quoted(value)}"), service))


def _namespaced(value: str, flag: str) -> tuple[str, str]:
    """Split `[namespace/]name-prefix`; without a namespace Hubble takes `default`."""
    namespace, slash, prefix = value.partition("/")
    if not slash:
        namespace, prefix = "default", value
    if not namespace or "/" in prefix or not (slash or prefix):
        raise UsageError(f"cannot read {value!r}", where=f"--{flag}", hint=f"--{flag} namespace/name-prefix")
    return namespace, prefix


def _pod(value: str, end: End, tables: SideTables) -> str:
    namespace, prefix = _namespaced(value, "pod")
    predicates = [f"namespace = {quoted(namespace)}"]
    if prefix:
        predicates.append(f"starts_with(pod, {quoted(prefix)})")
    return _endpoint(end, tables, all_of(predicates))


def _service(value: str, end: End, _tables: SideTables) -> str:
    namespace, prefix = _namespaced(value, "service")
    return f"starts_with({end}_service, {quoted(f'{namespace}/{prefix}')})"


def _workload(value: str, end: End, tables: SideTables) -> str:
    """`name`, `namespace/name`, Hubble's `Kind/name` (kinds start with a capital), `name*` for a prefix.

    Agents report workloads of local pods only, so a pod counts with the workload that any record gave it.
    """
    head, _, name = value.rpartition("/")
    if not value or "/" in head:
        raise UsageError(f"cannot read {value!r}", where="--workload", hint="--workload shop/web")
    predicates = ["workload_name IS NOT NULL"]
    if name.endswith("*"):
        predicates.append(f"starts_with(workload_name, {quoted(name[:-1])})")
    elif name:
        predicates.append(f"workload_name = {quoted(name)}")
    if head:
        column = "workload_kind" if head[0].isupper() else "namespace"
        predicates.append(f"{column} = {quoted(head)}")
    matching = all_of(predicates)
    pods = f"SELECT coalesce(cluster, ''), namespace, pod FROM {tables.endpoints} WHERE pod IS NOT NULL AND {matching}"
    return _endpoint(end, tables, any_of((matching, f"(coalesce(cluster, ''), namespace, pod) IN ({pods})")))


def _label(value: str, end: End, tables: SideTables) -> str:
    sets = f"SELECT label_set_id FROM {tables.label_sets} WHERE {label_predicate(value, labels='labels')}"
    return _endpoint(end, tables, f"label_set_id IN ({sets})")


def _ip(value: str, end: End, _tables: SideTables) -> str:
    return address_predicate(value, column=f"{end}_ip")


def _fqdn(value: str, end: End, _tables: SideTables) -> str:
    pattern = quoted(name_pattern(value, flag="fqdn"))
    return f"len(list_filter({end}_names, lambda name: regexp_full_match(lower(name), {pattern}))) > 0"


def _identity(value: str, end: End, tables: SideTables) -> str:
    number = RESERVED_IDENTITIES.get(value.removeprefix("reserved:").lower())
    if number is None:
        if not (value.isascii() and value.isdecimal() and int(value) <= _HIGHEST_IDENTITY):
            raise unknown_value(value, flag="identity", known=RESERVED_IDENTITIES)
        number = int(value)
    return _endpoint(end, tables, f"identity = {number}")


def _port(value: str, end: End, _tables: SideTables) -> str:
    if not (value.isascii() and value.isdecimal() and int(value) <= _HIGHEST_PORT):
        raise UsageError(f"{value!r} is not a port", where="--port", hint="--port 8080")
    return f"{end}_port = {int(value)}"


def _cluster(value: str, end: End, tables: SideTables) -> str:
    pattern = quoted(name_pattern(value, flag="cluster"))
    return _endpoint(end, tables, f"regexp_full_match(lower(cluster), {pattern})")


END_KINDS: Final[Mapping[str, Callable[[str, End, SideTables], str]]] = MappingProxyType(
    {
        "namespace": _namespace,
        "pod": _pod,
        "label": _label,
        "ip": _ip,
        "fqdn": _fqdn,
        "identity": _identity,
        "service": _service,
        "workload": _workload,
        "port": _port,
        "cluster": _cluster,
    }
)
