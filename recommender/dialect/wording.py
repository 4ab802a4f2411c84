"""Peers, ports and rules in words, for comments and losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.http_rule import HttpRule
    from recommender.model.policy import Peer, PortRule, Rule

_MANY = 4


def rule_text(rule: Rule) -> str:
    """A rule in words, such as `from monitoring/prometheus on TCP/9090`."""
    preposition = "from" if rule.direction is Direction.INGRESS else "to"
    requests = f", HTTP: {_counted(len(rule.http), 'kind')} of requests" if rule.http else ""
    ports = _some([port_text(port) for port in rule.ports]) if rule.ports else "every port"
    return f"{preposition} {peer_text(rule.peer)} on {ports}{requests}"


def http_text(rule: HttpRule) -> str:
    """An HTTP rule and what it rests on, such as `GET /orders/{integer}: 44 requests, 12 paths`."""
    text = f"{rule.text}: {_counted(rule.requests, 'request')}, {_counted(rule.paths, 'path')}"
    if rule.denied:
        text += f"; an existing rule denied {rule.denied} of them"
    if rule.literal_identifiers:
        text += "; too few samples to fold what looks like an identifier"
    return f"{text}; REVIEW: the server turned each away" if rule.unserved else text


def baseline_text(baseline: Baseline) -> str:
    """A baseline in words."""
    match baseline:
        case Baseline.DNS:
            return "name resolution"
        case Baseline.API_SERVER:
            return "Kubernetes API server"
        case Baseline.SCRAPE:
            return "collection of metrics"
        case Baseline.MESH:
            return "control plane of the service mesh"
        case Baseline.SAME_NAMESPACE:
            return "pods of one namespace"
        case Baseline.OUTSIDE_HTTPS:
            return "HTTPS outside"
        case _:
            assert_never(baseline)


def peer_text(peer: Peer) -> str:
    """A peer in words."""
    match peer:
        case GroupPeer(group=group):
            return group.display
        case EntityPeer(entity=entity):
            return f"entity {entity.value}"
        case FqdnPeer(name=name, names=names):
            return f"{name} ({len(names)} names seen)" if names else name
        case CidrPeer(cidrs=cidrs, excepted=excepted):
            return f"{_some(cidrs)} but {_some(excepted)}" if excepted else _some(cidrs)
        case _:
            assert_never(peer)


def port_text(port: PortRule) -> str:
    """A port as `TCP/443`, a range as `TCP/50000-50100`; for ICMP the message type as `ICMPv4/8`."""
    return str(port)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _some(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_MANY])
    return shown if len(texts) <= _MANY else f"{shown} and {len(texts) - _MANY} more"
