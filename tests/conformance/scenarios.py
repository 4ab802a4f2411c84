"""Conformance scenarios: policies, endpoints and flows with the answers of somebody else's evaluator."""

from __future__ import annotations

import gzip
import ipaddress
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from recommender.errors import InvalidPolicyError
from recommender.model.connection import AddressEndpoint, Connection, EntityEndpoint, PodEndpoint
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.semantics import PolicySet, SemanticsSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.model.connection import DirectionJudgement, JudgedEndpoint

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "conformance"

_CILIUM = SemanticsSettings(
    fqdn_needs_dns_rule=False, baseline_opens_isolated=True, negated_namespaces_match_all_kinds=True
)
"""The engine is told which names were looked up; whether a rule let it see them is not asked."""
_CYCLONUS = SemanticsSettings(cidr_matches_pods=True, self_always_allowed=False)
"""Cyclonus matches ipBlock against pods, and judges a pod's probe of itself like any other."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PROTOCOLS = {"ICMP": Protocol.ICMP, **{item.value: item for item in Protocol}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far we agree with a file, and where not."""

    agreed: int
    asked: int
    differences: tuple[str, ...]


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The scenarios of a file: JSON lines, gzipped or not, or YAML documents."""
    if path.suffix == ".yaml":
        yield from yaml.load_all(path.read_text(encoding="utf-8"), Loader=_LOADER)
        return
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def compare(path: Path, *, every: int = 1) -> Tally:
    """Judge a file's questions (with `every` = n only each n-th row) and count the answers that are the same."""
    agreed = asked = 0
    differences: list[str] = []
    for number, row in enumerate(rows(path)):
        if number % every:
            continue
        for question, theirs, ours in _answers(row):
            asked += 1
            if theirs == ours:
                agreed += 1
            else:
                differences.append(f"{row['Name']}: {question}: theirs {theirs}, ours {ours}")
    return Tally(agreed=agreed, asked=asked, differences=tuple(differences))


def _answers(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if "Valid" in row:
        yield _validity(row)
        return
    settings = replace(_CYCLONUS if row["Name"].startswith("cyclonus") else _CILIUM, **row.get("Settings", {}))
    documents = [yaml.load(text, Loader=_LOADER) for text in row["Policies"] or ()]  # noqa: S506 - a safe loader, the C one
    policies = PolicySet.parse(documents, namespaces=row["Namespaces"], settings=settings)
    endpoints = {f"{pod['namespace']}/{pod['name']}": _pod(pod) for pod in row["Pods"]}
    for query in row["Queries"]:
        source, destination = (_endpoint(query[end], endpoints, row.get("fqdns") or {}) for end in ("From", "To"))
        protocol = _PROTOCOLS[query["Proto"]]
        connection = Connection(source=source, destination=destination, protocol=protocol, port=query["Port"])
        judgement = policies.judge(connection)
        theirs = _text(query["Egress"], query.get("EgressRedirect"), query["Ingress"], query.get("IngressRedirect"))
        question = f"{query['From']} -> {query['To']} {query['Proto']}/{query['Port']}"
        yield question, theirs, _ours(judgement.egress, judgement.ingress)


def _ours(egress: DirectionJudgement, ingress: DirectionJudgement) -> str:
    return _text(egress.outcome, egress.redirect, ingress.outcome, ingress.redirect)


def _text(egress: str, egress_redirect: bool | None, ingress: str, ingress_redirect: bool | None) -> str:  # noqa: FBT001 - JSON's own values
    return f"{egress}{' redirect' if egress_redirect else ''} / {ingress}{' redirect' if ingress_redirect else ''}"


def _validity(row: Mapping[str, Any]) -> tuple[str, str, str]:
    ours, reason = "valid", ""
    try:
        document = yaml.load(row["Policy"], Loader=_LOADER)  # noqa: S506 - a safe loader, the C one
        PolicySet.parse([document], namespaces={}, settings=_CILIUM)
    except InvalidPolicyError as error:
        ours, reason = "invalid", error.what
    question = "; ".join(text for text in (row["Kind"], row.get("Error", ""), reason) if text)
    return question, "valid" if row["Valid"] else "invalid", ours


def _pod(pod: Mapping[str, Any]) -> PodEndpoint:
    ports = {name: text.partition("/") for name, text in (pod.get("namedPorts") or {}).items()}
    return PodEndpoint(
        namespace=pod["namespace"],
        name=pod["name"],
        labels=tuple(sorted((pod.get("labels") or {}).items())),
        service_account=pod.get("serviceAccount") or "default",
        named_ports=tuple((name, protocol, int(number)) for name, (protocol, _, number) in sorted(ports.items())),
        addresses=_addresses(pod.get("ip", "")),
    )


def _addresses(text: str) -> tuple[str, ...]:
    """A pod's address; some of Cyclonus' made-up ones, such as 192.168.256.1, are none and match no CIDR."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return ()
    return (text,)


def _endpoint(text: str, pods: dict[str, JudgedEndpoint], names: Mapping[str, list[str]]) -> JudgedEndpoint:
    if text not in pods:
        kind, colon, address = text.partition(":")
        pods[text] = (
            AddressEndpoint(address=address, names=tuple(names.get(address, ())), kube_apiserver=kind == "apiserver-ip")
            if colon
            else EntityEndpoint(entity=Entity(text))
        )
    return pods[text]
