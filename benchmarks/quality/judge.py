"""The figures of one set of manifests against the truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

import kubernetes_validate

from benchmarks.quality.endpoints import Ends, Truth, outside
from recommender.errors import InvalidPolicyError
from recommender.model.connection import Connection, JudgedEndpoint, PodEndpoint
from recommender.model.edge import Protocol
from recommender.model.manifest import Dialect
from recommender.model.policy import Direction
from recommender.semantics import PolicySet, settings_for
from recommender.semantics.kinds import DocumentKind, kind_of
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Any

KUBERNETES_VERSION = "1.32"
MISREAD = "misread-reply"
"""Its port is a client's random one: no port that the cluster knows."""
DNS = 53
EdgeKey = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many, and which are missing."""

    good: int
    of: int
    missing: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """0 to 1; 1 of nothing at all."""
        return self.good / self.of if self.of else 1.0

    def __add__(self, other: Share) -> Share:
        return Share(good=self.good + other.good, of=self.of + other.of, missing=(*self.missing, *other.missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How good one set of manifests is for one cluster."""

    seen: Share
    """Needed edges of the window that pass."""
    rolled: Share
    """The same edges after one more rollout of everything."""
    needed: Share
    """All needed edges, seen or not."""
    isolated: Share
    """Workloads seen in the window that a policy isolates in both directions, then and after the rollout."""
    unseen: tuple[str, ...]
    """Workloads of which the window holds no connection; they count in no other figure about workloads."""
    precise: Share
    """Of the allowed (client, server, port) among isolated workloads, those that are needed."""
    precise_with_fallback: Share
    """The same where whoever needs DNS over UDP also needs it over TCP (RFC 7766, section 5)."""
    precise_but_dns: Share
    """The same without port 53."""
    opened: int
    """Allowed but unneeded (client, server, port) among all workloads, isolated or not."""
    noise: Share
    """Noise edges that do not pass; `missing` are those that do, with their kind."""
    silent: tuple[str, ...]
    """Noise edges that pass without a mark for a person."""
    reviewed: Share
    """Needed edges of the window that a person is asked to look at (`missing` lists these): what caution costs."""
    tunnels: Share
    """Clients that carry data out in DNS names and are named for it; the lookups themselves are needed edges."""
    policies: int
    idle: tuple[str, ...]
    """Policies that select no workload."""
    partial: tuple[str, ...]
    """Policies that select only some label sets of a workload, or lose it with the rollout."""
    over: tuple[str, ...]
    """Policies that select a workload which is none of their group's members."""
    shared: int
    """Policies that select more than one workload."""
    invalid: tuple[str, ...]
    """Objects that an API server or Cilium would refuse."""


def judge(
    documents: Iterable[Mapping[str, Any]],
    truth: Truth,
    *,
    members: Mapping[str, frozenset[str]] | None = None,
    marked: AbstractSet[EdgeKey] = frozenset(),
    suspects: AbstractSet[str] = frozenset(),
) -> Figures:
    """Judge the documents that an API server would accept.

    `members` tells whom each policy is meant for, by name; `marked` are the edges that the tool asks a person to look
    at, `suspects` the clients that it names for a DNS tunnel.
    """
    accepted, invalid = _sift(documents, truth)
    policies = _parse(accepted, truth)
    bench = Bench(policies=policies, truth=truth)
    seen = sorted({*truth.workloads} - truth.unseen)
    isolated = {end for end in seen if bench.isolated(end)}
    allowed, unneeded, opened = bench.open_triples(isolated)
    needless = [edge for edge in unneeded if edge[3] != DNS]
    others = sum(edge[3] != DNS for edge in allowed)
    beyond = [edge for edge in unneeded if not _is_fallback(edge, truth)]
    chosen = bench.selections(accepted)
    passing = [(kind, edge) for kind, edge in truth.noise if bench.passes(edge, truth.now, every=False)]
    admitted = tuple(f"{kind}: {_text(edge)}" for kind, edge in passing)
    tunnelling = [f"{client}: {domain}" for client, domain in truth.tunnels]
    unnamed = tuple(f"{client}: {domain}" for client, domain in truth.tunnels if client not in suspects)
    return Figures(
        seen=bench.share(sorted(truth.seen), truth.now),
        rolled=bench.share(sorted(truth.seen), truth.later),
        needed=bench.share(truth.needed, truth.now),
        isolated=Share(good=len(isolated), of=len(seen), missing=tuple(sorted({*seen} - isolated))),
        unseen=tuple(sorted(truth.unseen)),
        precise=Share(good=len(allowed) - len(unneeded), of=len(allowed), missing=tuple(map(_text, unneeded))),
        precise_with_fallback=Share(
            good=len(allowed) - len(beyond), of=len(allowed), missing=tuple(map(_text, beyond))
        ),
        precise_but_dns=Share(good=others - len(needless), of=others, missing=tuple(map(_text, needless))),
        opened=opened,
        noise=Share(good=len(truth.noise) - len(admitted), of=len(truth.noise), missing=admitted),
        silent=tuple(f"{kind}: {_text(edge)}" for kind, edge in passing if edge not in marked),
        reviewed=Share(
            good=sum(edge in marked for edge in truth.seen),
            of=len(truth.seen),
            missing=tuple(_text(edge) for edge in sorted(truth.seen) if edge in marked),
        ),
        tunnels=Share(good=len(tunnelling) - len(unnamed), of=len(tunnelling), missing=unnamed),
        policies=len(accepted),
        idle=tuple(sorted(name for name, found in chosen.items() if not found.now)),
        partial=tuple(sorted(name for name, found in chosen.items() if found.partly)),
        over=tuple(
            sorted(
                f"{name} selects {', '.join(sorted(extra))}"
                for name, found in chosen.items()
                if (extra := found.now - (members or {}).get(name.rpartition("/")[2], found.now))
            )
        ),
        shared=sum(len(found.now) > 1 for found in chosen.values()),
        invalid=invalid,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which workloads a policy selects."""

    now: frozenset[str]
    partly: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Policies in force in the cluster of the truth."""

    policies: PolicySet
    truth: Truth
    _others: dict[JudgedEndpoint, JudgedEndpoint] = field(default_factory=dict, repr=False)

    def share(self, edges: Sequence[EdgeKey], ends: Ends) -> Share:
        """How many of the edges pass, for all label sets and addresses of their ends?"""
        missing = tuple(_text(edge) for edge in edges if not self.passes(edge, ends, every=True))
        return Share(good=len(edges) - len(missing), of=len(edges), missing=missing)

    def passes(self, edge: EdgeKey, ends: Ends, *, every: bool) -> bool:
        """Whether every combination of the ends' label sets and addresses passes, or any."""
        client, server, protocol, port = edge
        sources = ends.get(client) or outside(client, self.truth)
        targets = ends.get(server) or outside(server, self.truth)
        kind = Protocol(protocol)
        found = (
            self.policies.judge(
                Connection(source=source, destination=self._other(target), protocol=kind, port=port)
            ).allowed
            for source, target in product(sources, targets)
        )
        return all(found) if every else any(found)

    def _other(self, endpoint: JudgedEndpoint) -> JudgedEndpoint:
        """A second pod of the same kind: replicas talk to each other, not one pod to itself."""
        known = self._others.get(endpoint)
        if known is None:
            known = replace(endpoint, name=f"{endpoint.name}-other") if isinstance(endpoint, PodEndpoint) else endpoint
            self._others[endpoint] = known
        return known

    def isolated(self, end: str) -> bool:
        """Whether all of a workload's pods are isolated in both directions, now and after the rollout."""
        return all(
            self.policies.isolated_by(pod, direction)
            for pod in (*self.truth.now[end], *self.truth.later[end])
            for direction in Direction
        )

    def open_triples(self, isolated: set[str]) -> tuple[list[EdgeKey], list[EdgeKey], int]:
        """Try every known port between every two workloads.

        Returns what passes among isolated workloads, what of that nobody needs, and how many unneeded ones pass among
        all workloads.
        """
        pods = {*self.truth.workloads}
        needed = {edge for edge in self.truth.needed if {edge[0], edge[1]} <= pods}
        tried = (*self.truth.needed, *(edge for kind, edge in self.truth.noise if kind != MISREAD))
        ports = sorted({(edge[2], edge[3]) for edge in tried if edge[1] in pods})
        allowed: list[EdgeKey] = []
        opened = 0
        for client, server, (protocol, port) in product(self.truth.workloads, self.truth.workloads, ports):
            edge = (client, server, protocol, port)
            if not self.passes(edge, self.truth.now, every=False):
                continue
            opened += edge not in needed
            if client in isolated and server in isolated:
                allowed.append(edge)
        return allowed, [edge for edge in allowed if edge not in needed], opened

    def selections(self, documents: Sequence[Mapping[str, Any]]) -> dict[str, Selection]:
        """Which workloads each policy selects, by `Kind/namespace/name`."""
        governed: dict[str, Counter[tuple[str, str]]] = {}
        for ends, when in ((self.truth.now, "now"), (self.truth.later, "later")):
            for end, pods in ends.items():
                for pod in pods:
                    for name in self.policies.governing(pod):
                        governed.setdefault(name, Counter())[end, when] += 1
        return {name: self._selection(governed.get(name, Counter())) for name in map(policy_name, documents)}

    def _selection(self, counts: Counter[tuple[str, str]]) -> Selection:
        ends = frozenset(end for end, _ in counts)
        partly = any(
            counts[end, when] != len(pods[end])
            for end in ends
            for when, pods in (("now", self.truth.now), ("later", self.truth.later))
        )
        return Selection(now=frozenset(end for end, when in counts if when == "now"), partly=partly)


def _is_fallback(edge: EdgeKey, truth: Truth) -> bool:
    """Whether it is DNS over TCP of a client that needs the same server over UDP."""
    client, server, protocol, port = edge
    return protocol == "TCP" and port == DNS and (client, server, "UDP", DNS) in truth.needed


def _sift(
    documents: Iterable[Mapping[str, Any]], truth: Truth
) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    """The objects that would be accepted, and what is wrong with the others."""
    accepted, invalid = [], []
    for document in documents:
        try:
            _parse([document], truth)
            if kind_of(document) is DocumentKind.NETWORK_POLICY:
                kubernetes_validate.validate(document, KUBERNETES_VERSION, strict=True)
        except InvalidPolicyError as error:
            invalid.append(f"{error.where}: {error.what}")
        except kubernetes_validate.ValidationError as error:
            invalid.append(f"{policy_name(document)}: {error.message}")
        else:
            accepted.append(document)
    return tuple(accepted), tuple(invalid)


def _parse(documents: Iterable[Mapping[str, Any]], truth: Truth) -> PolicySet:
    given = tuple(documents)
    tiered = any(kind_of(document) is DocumentKind.CLUSTER_NETWORK_POLICY for document in given)
    reading = settings_for(Dialect.CLUSTER_NETWORK_POLICY if tiered else Dialect.CILIUM)
    return PolicySet.parse(given, namespaces=truth.namespaces, settings=replace(reading, local_cluster=truth.name))


def _text(edge: EdgeKey) -> str:
    client, server, protocol, port = edge
    return f"{client} -> {server} {protocol}/{port}"
