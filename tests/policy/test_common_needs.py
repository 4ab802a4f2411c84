from __future__ import annotations

import pytest

from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.policy import Baseline
from recommender.policy.common_needs import CommonNeeds
from tests.policy.scene import COREDNS, DB, PROMETHEUS, WEB, edge, end, entity

API = entity(Entity.KUBE_APISERVER)
SCRAPES = [edge(PROMETHEUS, server, 9090) for server in (WEB, DB, COREDNS)]


def needs(*edges):
    return CommonNeeds.of(edges)


def test_a_collector_is_one_by_name_and_by_how_many_it_reaches():
    assert needs(*SCRAPES).baseline_of(SCRAPES[0]) is Baseline.SCRAPE
    assert needs(*SCRAPES[:2]).baseline_of(SCRAPES[0]) is None


def test_a_busy_client_of_another_name_is_no_collector():
    edges = [edge(WEB, server, 9090) for server in (PROMETHEUS, DB, COREDNS)]
    assert needs(*edges).baseline_of(edges[0]) is None


@pytest.mark.parametrize(("port", "baseline"), [(443, Baseline.API_SERVER), (6443, Baseline.API_SERVER), (10250, None)])
def test_the_api_server_is_asked_on_its_own_ports(port, baseline):
    assert needs().baseline_of(edge(WEB, API, port)) is baseline


def test_a_call_from_the_api_server_is_no_baseline():
    assert needs().baseline_of(edge(API, WEB, 8443)) is None


@pytest.mark.parametrize(
    ("server", "baseline"),
    [
        (end("istio-system", "istiod"), Baseline.MESH),
        (end("istio-system", "istiod-canary"), Baseline.MESH),
        (end("linkerd", "linkerd-destination"), Baseline.MESH),
        (end("istio-system", "grafana"), None),
        (end("shop", "istiod"), None),
    ],
)
def test_a_mesh_is_known_by_name_and_namespace(server, baseline):
    assert needs().baseline_of(edge(WEB, server, 15012)) is baseline


def test_only_tcp_counts():
    assert needs(*SCRAPES).baseline_of(edge(PROMETHEUS, WEB, 9090, Protocol.UDP)) is None
