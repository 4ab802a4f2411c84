"""What to try: needed connections that must pass, and informative ones that must not."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.model.connection import AddressEndpoint, Connection, PodEndpoint
from recommender.model.disposition import Disposition
from recommender.model.edge import Protocol
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.recorded_ends import endpoints_of
from recommender.semantics.judged_ends import pods_of
from recommender.semantics.named_ends import as_peer_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.model.edge import Workload
    from recommender.rollout.policy_side import PolicySide
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.recorded_report import RecordedEdge

METADATA: Final = "169.254.169.254"
"""Where clouds hand out credentials (link-local, RFC 3927)."""
_ALLOWED: Final = frozenset(item.value for item in Disposition if item.allowed)
_LABEL_VALUE: Final = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_LABEL_KEY: Final = re.compile(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_HOST: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?|[0-9a-f:.]+")


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
    """TCP."""
    allowed: bool
    why: str
    """Such as `needed`, `sibling`, `other environment`, `metadata service`, `quarantined`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A workload from whose place connections are tried."""

    name: str
    namespace: str
    labels: tuple[tuple[str, str], ...]
    service_account: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Everything that is tried, and what is not."""

    sources: tuple[Source, ...]
    untested: tuple[tuple[str, str], ...]
    """(edge or workload, reason), sorted."""


def make_matrix(side: PolicySide, *, most: int = 10) -> Matrix:
    """The checks of a report, each expectation judged by its policies together with those in force.

    Args:
        side: The report.
        most: Most allowed and most denied checks of one source.

    Raises:
        UsageError: There is no report.
    """
    if side.view is None:
        raise UsageError("is no report", where=side.path, hint="give the directory that netpol-recommend FLOWS wrote")
    policies = picture_of((side,)).policies(side)
    workloads = {str(workload.end): workload for workload in side.report.workloads}
    maker = _Maker(policies=policies, workloads=workloads, edges=side.report.edges, most=most, untested=[])
    sources = tuple(source for name in sorted(workloads) if (source := maker.source(name)) is not None)
    return Matrix(sources=sources, untested=tuple(sorted(set(maker.untested))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    policies: ClusterPolicies
    workloads: Mapping[str, Workload]
    edges: tuple[RecordedEdge, ...]
    most: int
    untested: list[tuple[str, str]]

    def source(self, name: str) -> Source | None:
        workload = self.workloads[name]
        pod = self._plain_pod(workload)
        if pod is None:
            self.untested.append((name, "no pod of it can be imitated: host network, no labels, or odd ones"))
            return None
        checks = (*self._allowed(name), *self._denied(name))
        return (
            Source(
                name=name,
                namespace=pod.namespace,
                labels=pod.labels,
                service_account=pod.service_account,
                checks=tuple(checks),
            )
            if checks
            else None
        )

    def _plain_pod(self, workload: Workload) -> PodEndpoint | None:
        pod = next((item for item in pods_of(workload) if isinstance(item, PodEndpoint)), None)
        sound = pod is not None and bool(_NAME.fullmatch(pod.namespace)) and bool(_HOST.fullmatch(pod.service_account))
        if pod is None or not sound or workload.host_network or not pod.labels:
            return None
        valid = all(_LABEL_KEY.fullmatch(key) and _LABEL_VALUE.fullmatch(value) for key, value in pod.labels)
        return pod if valid else None

    def _allowed(self, name: str) -> Iterator[Check]:
        made = 0
        for edge in self.edges:
            if edge.client != name or edge.disposition not in _ALLOWED or edge.server == name:
                continue
            if edge.protocol != Protocol.TCP:
                self.untested.append((edge.key, f"{edge.protocol}: needs a client of its own protocol"))
                continue
            target = self._target(edge.server, edge.server_addresses)
            if target is None:
                self.untested.append((edge.key, "no address of the server is known when the tests run"))
            elif made < self.most and self._passes(name, edge) is True:
                made += 1
                yield self._check(name, target, edge.port, allowed=True, why=edge.disposition)

    def _denied(self, name: str) -> Iterator[Check]:
        """By how much they tell: kept in quarantine, the same service elsewhere, siblings, others, metadata."""
        found: dict[tuple[str, int], str] = {}
        for edge in self.edges:
            if edge.client == name and edge.disposition == Disposition.QUARANTINED and edge.protocol == Protocol.TCP:
                found.setdefault((edge.server, edge.port), "quarantined")
        mine = self.workloads[name].end
        services = sorted(self._services())
        used = {edge.server.rpartition("/")[2] for edge in self.edges if edge.client == name}
        for server, port in services:
            end = self.workloads[server].end
            if end.name in used | {mine.name} and end.namespace != mine.namespace:
                found.setdefault((server, port), "other environment")
        for server, port in services:
            near = self.workloads[server].end.namespace == mine.namespace
            found.setdefault((server, port), "sibling" if near else "other namespace")
        order = ("quarantined", "other environment", "sibling", "other namespace")
        made = 0
        for (server, port), why in sorted(found.items(), key=lambda item: (order.index(item[1]), item[0])):
            target = self._target(server, ()) if server != name else None
            if target is not None and made < self.most - 1 and self._judged(name, server, port) is False:
                made += 1
                yield self._check(name, target, port, allowed=False, why=why)
        metadata = Connection(source=pods_of(self.workloads[name])[0], destination=AddressEndpoint(address=METADATA),
                              protocol=Protocol.TCP, port=80)  # fmt: skip
        if not self.policies.judge(metadata).allowed:
            target = Target(text=f"ip:{METADATA}", host=METADATA, namespace="", labels=())
            yield self._check(name, target, 80, allowed=False, why="metadata service")

    def _services(self) -> set[tuple[str, int]]:
        """TCP ports on which workloads were seen to serve: nothing listens elsewhere, so nothing would be proved."""
        return {(edge.server, edge.port) for edge in self.edges if edge.server in self.workloads
                and edge.protocol == Protocol.TCP and edge.disposition in _ALLOWED}  # fmt: skip

    def _passes(self, name: str, edge: RecordedEdge) -> bool | None:
        return self._all(name, endpoints_of(edge.server, self.workloads, edge.server_addresses, edge.names), edge.port)

    def _judged(self, name: str, server: str, port: int) -> bool | None:
        return self._all(name, endpoints_of(server, self.workloads, (), ()), port)

    def _all(self, name: str, servers: tuple[Any, ...], port: int) -> bool | None:
        """Whether all combinations pass, or none does; None if they differ or there are none."""
        answers = {
            self.policies.judge(
                Connection(source=one, destination=as_peer_of(one, other), protocol=Protocol.TCP, port=port)
            ).allowed
            for one, other in product(pods_of(self.workloads[name]), servers)
        }
        return answers.pop() if len(answers) == 1 else None

    def _target(self, text: str, addresses: tuple[str, ...]) -> Target | None:
        if text in self.workloads:
            pod = self._plain_pod(self.workloads[text])
            return None if pod is None else Target(text=text, host="", namespace=pod.namespace, labels=pod.labels)
        host = text.partition(":")[2] if text.startswith(("fqdn:", "ip:")) else next(iter(addresses), "")
        if text.startswith("entity:") and text != "entity:world":
            return None
        return Target(text=text, host=host, namespace="", labels=()) if _HOST.fullmatch(host) else None

    def _check(self, name: str, target: Target, port: int, *, allowed: bool, why: str) -> Check:
        way = "may" if allowed else "may-not"
        return Check(check_id=f"{name} {way} {target.text} TCP/{port}", source=name, target=target, port=port,
                     allowed=allowed, why=why)  # fmt: skip


def matrix_view(matrix: Matrix) -> dict[str, Any]:
    """Sources, checks and what is not tested, as plain JSON values."""
    counts: defaultdict[str, int] = defaultdict(int)
    for source in matrix.sources:
        for check in source.checks:
            counts["allowed" if check.allowed else "denied"] += 1
    return {
        "schema_version": 1,
        "counts": dict(counts),
        "sources": [
            {
                "name": source.name,
                "namespace": source.namespace,
                "labels": dict(source.labels),
                "job": job_file(number, source),
                "job_name": job_name(number),
                "checks": [
                    {
                        "id": check.check_id,
                        "number": place,
                        "target": check.target.text,
                        "host": check.target.host,
                        "namespace": check.target.namespace,
                        "selector": ",".join(f"{key}={value}" for key, value in check.target.labels),
                        "token": address_token(number, place),
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
