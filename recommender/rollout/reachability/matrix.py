"""What to try, as values: connections that must pass, and informative ones that must not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from recommender.model.edge import Protocol

SCHEMA_VERSION: Final = 2
_SECONDS: Final = {Protocol.TCP: 8, Protocol.UDP: 16}
"""Longest time that a check takes: two connects of 3 s, or three questions of twice 2 s, and a margin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a check connects to."""

    text: str
    """As the report names it."""
    host: str
    """An address or DNS name; empty for a pod, whose address is looked up when the tests run."""
    namespace: str
    labels: tuple[tuple[str, str], ...]
    """Of the pod."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One connection to try."""

    check_id: str
    source: str
    """`namespace/Kind/name`."""
    target: Target
    port: int
    allowed: bool
    why: str
    """Such as `needed`, `sibling`, `other environment`, `metadata service`, `quarantined`, `excluded`."""
    protocol: Protocol = Protocol.TCP
    """UDP only on ports whose servers answer whoever asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A workload from whose place connections are tried."""

    name: str
    namespace: str
    labels: tuple[tuple[str, str], ...]
    service_account: str
    checks: tuple[Check, ...]
    cluster: str = ""
    """Empty if the run has one cluster."""

    @property
    def seconds(self) -> int:
        """The longest that all its checks take."""
        return sum(_SECONDS[check.protocol] for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Everything that is tried, and what is not."""

    sources: tuple[Source, ...]
    untested: tuple[tuple[str, str], ...]
    """(edge or workload, reason) of every edge of the report that is not among the checks, sorted."""


def matrix_view(matrix: Matrix) -> dict[str, Any]:
    """Sources, checks and what is not tested, as plain JSON values."""
    counts: defaultdict[str, int] = defaultdict(int)
    for source in matrix.sources:
        for check in source.checks:
            counts["allowed" if check.allowed else "denied"] += 1
    return {
        "schema_version": SCHEMA_VERSION,
        "counts": dict(counts),
        "clusters": sorted({source.cluster for source in matrix.sources} - {""}),
        "sources": [
            {
                "name": source.name,
                "namespace": source.namespace,
                "labels": dict(source.labels),
                "job": job_file(number, source),
                "job_name": job_name(number),
                "seconds": source.seconds,
                "checks": [
                    {
                        "id": check.check_id,
                        "number": place,
                        "target": check.target.text,
                        "host": check.target.host,
                        "namespace": check.target.namespace,
                        "selector": ",".join(f"{key}={value}" for key, value in check.target.labels),
                        "token": address_token(number, place),
                        "protocol": check.protocol.value,
                        "port": check.port,
                        "expect": "open" if check.allowed else "shut",
                        "why": check.why,
                    }
                    for place, check in enumerate(source.checks)
                ],
            }
            for number, source in enumerate(matrix.sources)
        ],
        "untested": [{"what": what, "reason": reason} for what, reason in matrix.untested],
    }


def job_name(number: int) -> str:
    """The Job of a source."""
    return f"netpol-reachability-{number:03d}"


def job_file(number: int, source: Source) -> str:
    """Its file."""
    return f"jobs/{number:03d}-{source.namespace}.yaml"


def address_token(number: int, place: int) -> str:
    """What stands in a Job for the address of a pod, until it is looked up."""
    return f"ADDRESS-{number:03d}-{place:03d}"
