"""Which connections tell something, by the report's edges and the evaluator's answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.model.connection import AddressEndpoint, Connection, PodEndpoint
from recommender.model.disposition import Disposition
from recommender.model.edge import Protocol
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.reachability.matrix import Check, Matrix, Source, Target
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
ANSWERING: Final = {53: "DNS", 123: "NTP"}
"""UDP ports whose servers answer every client that asks in their protocol (RFC 1035, RFC 5905): an answer proves the
way there and back, where `nc` alone cannot tell a datagram that arrived from one that was dropped."""
_LEFT_OUT: Final = {Disposition.QUARANTINED.value: "quarantined", Disposition.EXCLUDED.value: "excluded"}
_ORDER: Final = ("quarantined", "excluded", "other environment", "sibling", "other namespace")
_NOT_IMITATED: Final = "no pod can be imitated: host network, no labels, or odd ones"
_UNASKED: Final = {
    "UDP": "UDP: silence does not tell a datagram that was dropped from one that was not answered; only DNS (53) and "
    "NTP (123) are asked, since their servers answer",
    "SCTP": "SCTP: the image has no client for it",
    "ICMPv4": "ICMP: a ping needs rights that the pod does not have",
    "ICMPv6": "ICMP: a ping needs rights that the pod does not have",
}


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
    maker = _Maker(policies=policies, workloads=workloads, edges=side.report.edges, most=most)
    sources = tuple(source for name in sorted(workloads) if (source := maker.source(name)) is not None)
    return Matrix(sources=sources, untested=tuple(sorted(maker.untested(sources))))


def can_ask(protocol: str, port: int) -> bool:
    """Whether the answer to a check of this kind would prove anything."""
    return protocol == Protocol.TCP or (protocol == Protocol.UDP and port in ANSWERING)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    policies: ClusterPolicies
    workloads: Mapping[str, Workload]
    edges: tuple[RecordedEdge, ...]
    most: int

    def source(self, name: str) -> Source | None:
        """A workload with its checks; None if it cannot be imitated or nothing is to be tried."""
        pod = self._plain_pod(self.workloads[name])
        checks = (*self._allowed(name), *self._denied(name)) if pod else ()
        if pod is None or not checks:
            return None
        return Source(
            name=name,
            namespace=pod.namespace,
            labels=pod.labels,
            service_account=pod.service_account,
            checks=tuple(checks),
            cluster=self.workloads[name].end.cluster,
        )

    def untested(self, sources: tuple[Source, ...]) -> Iterator[tuple[str, str]]:
        """Every edge of the report that no check stands for, and why."""
        tried = {(one.source, one.target.text, one.protocol, one.port) for source in sources for one in source.checks}
        for edge in self.edges:
            if (edge.client, edge.server, edge.protocol, edge.port) not in tried:
                yield edge.key, self._reason(edge)
        for name, workload in self.workloads.items():
            if self._plain_pod(workload) is None:
                yield name, _NOT_IMITATED

    def _reason(self, edge: RecordedEdge) -> str:
        """The first thing that stands in the way."""
        client = self.workloads.get(edge.client)
        reasons = (
            (client is None, "its client is no pod of the cluster"),
            (edge.client == edge.server, "a pod's connections to itself pass no policy"),
            (edge.disposition == Disposition.IMPLICIT, "passes whatever the policies say, as a node's own connections"),
            (client is not None and self._plain_pod(client) is None, f"of its client {_NOT_IMITATED}"),
            (not can_ask(edge.protocol, edge.port), _UNASKED.get(edge.protocol, f"{edge.protocol}: no client for it")),
            (not self._near(edge.client, edge.server), "its server is in another cluster"),
            (self._target(edge.server, edge.server_addresses) is None, "no address of the server is known beforehand"),
        )
        return next((reason for holds, reason in reasons if holds), "") or self._judged_reason(edge)

    def _judged_reason(self, edge: RecordedEdge) -> str:
        passes = self._passes(edge)
        if passes is None:
            return "the policies answer differently for its pods or addresses"
        if edge.disposition in _ALLOWED and not passes:
            return "needed, and the policies deny it"
        if edge.disposition in _LEFT_OUT and passes:
            return f"{edge.disposition}, and the policies let it pass"
        return "beyond the number of connections that are tried from one source (--most)"

    def _near(self, client: str, server: str) -> bool:
        """Whether one kubectl context knows both: addresses of pods are looked up in the source's cluster."""
        ends = [self.workloads[name].end.cluster for name in (client, server) if name in self.workloads]
        return len(set(ends)) <= 1

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
            wanted = edge.client == name != edge.server and edge.disposition in _ALLOWED
            wanted = wanted and self._near(name, edge.server)
            if not wanted or not can_ask(edge.protocol, edge.port) or made >= self.most:
                continue
            target = self._target(edge.server, edge.server_addresses)
            if target is not None and self._passes(edge) is True:
                made += 1
                yield _check(name, target, Protocol(edge.protocol), edge.port, allowed=True, why=edge.disposition)

    def _denied(self, name: str) -> Iterator[Check]:
        """By how much they tell: left out by the report, the same service elsewhere, siblings, others, metadata."""
        made = 0
        found = self._candidates(name)
        for (server, protocol, port), why in sorted(found.items(), key=lambda one: (_ORDER.index(one[1]), one[0])):
            target = self._target(server, ()) if server != name and self._near(name, server) else None
            if target is not None and made < self.most - 1 and self._judged(name, server, protocol, port) is False:
                made += 1
                yield _check(name, target, protocol, port, allowed=False, why=why)
        metadata = Connection(source=pods_of(self.workloads[name])[0], destination=AddressEndpoint(address=METADATA),
                              protocol=Protocol.TCP, port=80)  # fmt: skip
        if not self.policies.judge(metadata).allowed:
            target = Target(text=f"ip:{METADATA}", host=METADATA, namespace="", labels=())
            yield _check(name, target, Protocol.TCP, 80, allowed=False, why="metadata service")

    def _candidates(self, name: str) -> dict[tuple[str, Protocol, int], str]:
        """(server, protocol, port) where somebody listens, with the strongest reason to try it."""
        found: dict[tuple[str, Protocol, int], str] = {}
        for edge in self.edges:
            if edge.client == name and edge.disposition in _LEFT_OUT and can_ask(edge.protocol, edge.port):
                found.setdefault((edge.server, Protocol(edge.protocol), edge.port), _LEFT_OUT[edge.disposition])
        mine = self.workloads[name].end
        used = {edge.server.rpartition("/")[2] for edge in self.edges if edge.client == name} | {mine.name}
        for server, port in sorted(self._services()):
            end = self.workloads[server].end
            near = end.namespace == mine.namespace
            elsewhere = "other environment" if end.name in used else "other namespace"
            found.setdefault((server, Protocol.TCP, port), "sibling" if near else elsewhere)
        return found

    def _services(self) -> set[tuple[str, int]]:
        """TCP ports on which workloads were seen to serve: nothing listens elsewhere, so nothing would be proved."""
        return {(edge.server, edge.port) for edge in self.edges if edge.server in self.workloads
                and edge.protocol == Protocol.TCP and edge.disposition in _ALLOWED}  # fmt: skip

    def _passes(self, edge: RecordedEdge) -> bool | None:
        servers = endpoints_of(edge.server, self.workloads, edge.server_addresses, edge.names)
        return self._all(edge.client, servers, Protocol(edge.protocol), edge.port)

    def _judged(self, name: str, server: str, protocol: Protocol, port: int) -> bool | None:
        return self._all(name, endpoints_of(server, self.workloads, (), ()), protocol, port)

    def _all(self, name: str, servers: tuple[Any, ...], protocol: Protocol, port: int) -> bool | None:
        """Whether all combinations pass, or none does; None if they differ or there are none."""
        answers = {
            self.policies.judge(
                Connection(source=one, destination=as_peer_of(one, other), protocol=protocol, port=port)
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


def _check(name: str, target: Target, protocol: Protocol, port: int, *, allowed: bool, why: str) -> Check:
    way = "may" if allowed else "may-not"
    return Check(check_id=f"{name} {way} {target.text} {protocol.value}/{port}", source=name, target=target, port=port,
                 allowed=allowed, why=why, protocol=protocol)  # fmt: skip
