"""Who gets the DNS baseline: those with a reason to resolve names, and the others are named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommender.model.disposition import Decided, Disposition
from recommender.model.dns_scope import DnsScope
from recommender.model.policy import Baseline, Direction
from tests.policy.scene import (
    CAPTURE,
    COREDNS,
    DB,
    SHOP_GROUPS,
    WEB,
    by_name,
    dns_edge,
    edge,
    end,
    group,
    policies,
    workload,
)

A_WEEK = replace(CAPTURE, first_seen=0, last_seen=7 * 86_400 * 10**9)
AN_HOUR = replace(CAPTURE, first_seen=0, last_seen=3_600 * 10**9)
NIGHTLY = end("shop", "nightly", kind="CronJob")
GROUPS = (*SHOP_GROUPS, group(NIGHTLY))
EDGES = (dns_edge(WEB), edge(WEB, DB, 5432), edge(NIGHTLY, DB, 5432))


def may_ask(made):
    return {
        policy.group.display
        for policy in made.policies
        if any(rule.baseline is Baseline.DNS for rule in policy.rules_for(Direction.EGRESS))
    }


def heard(made):
    rules = by_name(made)["kube-system/coredns"].rules_for(Direction.INGRESS)
    return {rule.peer.group.display for rule in rules if rule.baseline is Baseline.DNS}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (DnsScope.OBSERVED, {"shop/web"}),
        (DnsScope.CLIENTS, {"shop/web"}),
        (DnsScope.ALL, {"shop/web", "shop/db", "shop/nightly", "monitoring/prometheus"}),
    ],
)
def test_a_week_without_a_lookup_is_evidence_for_servers_and_for_jobs(scope, expected):
    """A database opens no connection, and each run of a job is a new process that would have asked."""
    made = policies(EDGES, GROUPS, capture=A_WEEK, dns_scope=scope)
    assert may_ask(made) == heard(made) == expected


def test_a_client_that_may_remember_names_from_before_the_window_may_ask():
    made = policies((*EDGES, edge(DB, WEB, 8080)), GROUPS, capture=A_WEEK, dns_scope=DnsScope.CLIENTS)
    assert may_ask(made) == {"shop/web", "shop/db"}


def test_an_hour_without_a_lookup_is_no_evidence():
    made = policies(EDGES, GROUPS, capture=AN_HOUR, dns_scope=DnsScope.CLIENTS)
    assert may_ask(made) == {"shop/web", "shop/db", "shop/nightly", "monitoring/prometheus"}
    assert "NPR315" not in {gap.code for gap in made.gaps}


def test_who_goes_without_is_named():
    (gap,) = [
        gap for gap in policies(EDGES, GROUPS, capture=A_WEEK, dns_scope=DnsScope.CLIENTS).gaps if gap.code == "NPR315"
    ]
    assert gap.count == 3
    assert gap.examples == ("monitoring/prometheus", "shop/db", "shop/nightly")


def test_connections_that_are_quarantined_are_no_reason_to_resolve_names():
    outgoing = edge(DB, WEB, 8080)
    decided = {item.edge_id: Decided(disposition=Disposition.NEEDED) for item in EDGES}
    decided[outgoing.edge_id] = Decided(disposition=Disposition.QUARANTINED)
    made = policies((*EDGES, outgoing), GROUPS, capture=A_WEEK, dns_scope=DnsScope.CLIENTS, decided=decided)
    assert may_ask(made) == {"shop/web"}


def test_groups_that_stay_open_are_heard_whatever_they_were_seen_to_do():
    workloads = [workload(WEB), workload(COREDNS), workload(DB, observed_locally=False)]
    groups = [SHOP_GROUPS[0], SHOP_GROUPS[1], SHOP_GROUPS[3]]
    made = policies([dns_edge(WEB)], groups, workloads=workloads, capture=A_WEEK, dns_scope=DnsScope.CLIENTS)
    assert heard(made) == {"shop/web", "shop/db"}
