"""Destination ports of a rule: numbers, ranges, names, ICMP types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from recommender.model.edge import Protocol

MAX_PORT: Final = 65535

_SERVICE_NAME: Final = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")

TRANSPORTS: Final = frozenset({Protocol.TCP, Protocol.UDP, Protocol.SCTP})


@dataclass(frozen=True, slots=True, kw_only=True)
class PortMatch:
    """Some ports (for ICMP: types) of some protocols; a name stands for whatever number the destination gives it."""

    protocols: frozenset[Protocol]
    low: int = 0
    high: int = MAX_PORT
    name: str = ""


PortMatches = tuple[PortMatch, ...]
"""Any of these; as a rule's ports, `None` stands for every port of every protocol."""


def single(protocols: frozenset[Protocol], port: int, end_port: int = 0) -> PortMatch:
    """One port or an inclusive range."""
    return PortMatch(protocols=protocols, low=port, high=max(port, end_port))


def every(protocols: frozenset[Protocol]) -> PortMatch:
    """All ports of some protocols."""
    return PortMatch(protocols=protocols)


def named(protocols: frozenset[Protocol], name: str) -> PortMatch:
    """A named port; names are compared in lower case."""
    return PortMatch(protocols=protocols, name=name.lower())


def is_port_name(text: str) -> bool:
    """Whether a text is an IANA service name: up to 15 of a-z, 0-9 and `-`, with a letter (RFC 6335, section 5.1)."""
    return _SERVICE_NAME.fullmatch(text.lower()) is not None
