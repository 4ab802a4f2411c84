"""HTTP requests, the rules made of them, and the pairs that they stand between, as the report shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.report.figures import figure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.http_request import HttpEvidence, HttpKind
    from recommender.model.http_rule import HttpPair, HttpRule
    from recommender.model.replay import RequestProof


def http_rules_view(rules: Iterable[HttpRule]) -> list[dict[str, Any]]:
    """HTTP rules by path and method: `path` is the expression, `text` the method and template for people."""
    return [
        {
            "method": rule.method,
            "path": rule.pattern,
            "text": rule.text,
            "requests": rule.requests,
            "paths": rule.paths,
            "samples": list(rule.samples),
            "literal_identifiers": rule.literal_identifiers,
            "unserved": rule.unserved,
            "denied": rule.denied,
        }
        for rule in sorted(rules, key=lambda rule: rule.sort_key)
    ]


def http_pairs_view(pairs: Iterable[HttpPair]) -> list[dict[str, Any]]:
    """Every pair with HTTP requests, by client, server and port: narrowed, or why not."""
    return [_pair_view(pair) for pair in sorted(pairs, key=lambda pair: pair.sort_key)]


def _pair_view(pair: HttpPair) -> dict[str, Any]:
    return {
        "client": pair.client,
        "server": pair.server,
        "port": pair.port,
        "edges": list(pair.edges),
        "written": pair.written,
        "obstacle": pair.obstacle,
        "remedy": pair.remedy,
        "requests": pair.requests,
        "covered": pair.covered,
        "connections": pair.connections,
        "requested": pair.requested,
        "packets": pair.packets,
        "hours": pair.hours,
        "requested_hours": pair.requested_hours,
        "sample_coverage": figure(pair.sample_coverage),
        "unseen_bound": figure(pair.unseen_bound),
        "existing": list(pair.existing),
        "rules": http_rules_view(pair.rules),
        "set_aside": [
            {"method": item.method, "path": item.path, "requests": item.requests, "reason": item.reason.value}
            for item in pair.set_aside
        ],
        "set_aside_beyond": pair.set_aside_beyond,
    }


def http_evidence_view(evidence: HttpEvidence | None) -> dict[str, Any] | None:
    """An edge's requests by kind; None where none was logged."""
    if evidence is None:
        return None
    return {
        "requests": evidence.requests,
        "incomplete": evidence.incomplete,
        "connections": evidence.connections,
        "requested": evidence.requested,
        "packets": evidence.packets,
        "hours": evidence.hours,
        "requested_hours": evidence.requested_hours,
        "kinds": [_kind_view(kind) for kind in evidence.kinds],
        "cut": {
            "kinds": evidence.cut.kinds,
            "requests": evidence.cut.requests,
            "unserved_kinds": evidence.cut.unserved_kinds,
            "unserved_requests": evidence.cut.unserved_requests,
        },
    }


def _kind_view(kind: HttpKind) -> dict[str, Any]:
    return {
        "method": kind.method,
        "template": kind.template.text,
        "requests": kind.requests,
        "paths": kind.paths,
        "samples": [{"path": sample.path, "requests": sample.requests} for sample in kind.samples],
        "denied": kind.denied,
        "forbidden": kind.forbidden,
        "responses": kind.responses,
        "turned_away": kind.turned_away,
        "malformed": kind.malformed,
    }


def request_proof_view(proof: RequestProof) -> dict[str, Any]:
    """Whether every needed HTTP request still passes, in counts; `broken` stand apart."""
    return {
        "requests": proof.requests,
        "allowed": proof.allowed,
        "judged": proof.judged,
        "set_aside": proof.set_aside,
        "still_open": proof.still_open,
        "opened": sorted(proof.opened),
        "opened_by_existing": sorted(proof.opened_by_existing),
    }
