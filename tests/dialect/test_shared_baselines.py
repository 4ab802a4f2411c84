"""Baselines written once allow what they would allow in every policy, and isolate nobody."""

from __future__ import annotations

import itertools

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dialect import write
from recommender.model.confidence import Confidence
from recommender.model.entity import Entity
from recommender.model.manifest import Dialect
from recommender.model.policy import Baseline, Direction
from recommender.model.shared_baseline import BaselineForm
from recommender.semantics import PolicySet, SemanticsSettings
from tests.dialect.scene import provenance
from tests.dialect.test_written_policies_pass import connection
from tests.policy.scene import (
    COREDNS,
    DB,
    PROMETHEUS,
    SHOP_GROUPS,
    WEB,
    assessed,
    dns_edge,
    edge,
    end,
    entity,
    fqdn,
    group,
    policies,
)

API = entity(Entity.KUBE_APISERVER)
NEAR = [WEB, DB, PROMETHEUS, COREDNS]
NAMESPACES = {"shop": {}, "monitoring": {}, "kube-system": {}}


def said(edges, form, *, groups=SHOP_GROUPS, dialect=Dialect.CILIUM):
    made = policies(edges, groups)
    return write(
        made.policies,
        dialect,
        edges=assessed(edges),
        confidences={policy.name: Confidence(value=0.7, parts=()) for policy in made.policies},
        provenance=provenance(dialect),
        groups=groups,
        baselines=form,
    )


def parsed(result, cluster="default"):
    documents = [yaml.safe_load(manifest.text) for manifest in result.manifests]
    return PolicySet.parse(documents, namespaces=NAMESPACES, settings=SemanticsSettings(local_cluster=cluster))


def busy_edges():
    return [
        *(dns_edge(client) for client in (WEB, DB, PROMETHEUS)),
        *(edge(PROMETHEUS, server, port) for server, port in ((WEB, 9090), (DB, 9187), (COREDNS, 9153))),
        *(edge(client, API, 6443, server_addresses=("192.0.2.10",)) for client in (COREDNS, PROMETHEUS)),
        edge(WEB, DB, 5432),
    ]


def by_kind(result):
    return {baseline.kind: baseline for baseline in result.baselines}


def test_each_common_need_is_written_once_with_whom_it_covers():
    found = by_kind(said(busy_edges(), BaselineForm.SHARED))
    assert set(found) == {Baseline.DNS, Baseline.API_SERVER, Baseline.SCRAPE}
    assert found[Baseline.DNS].clients == ("monitoring/prometheus", "shop/db", "shop/web")
    assert found[Baseline.API_SERVER].servers == ("entity kube-apiserver",)
    assert found[Baseline.SCRAPE].servers == ("kube-system/coredns", "shop/db", "shop/web")
    assert len(found[Baseline.SCRAPE].edges) == 3


def test_policies_keep_the_applications_own_rules_and_name_the_baselines():
    result = said(busy_edges(), BaselineForm.SHARED)
    (web,) = [one for one in result.manifests if one.path.startswith("policies/shop/web-")]
    spec = yaml.safe_load(web.text)["spec"]
    assert [item["toEndpoints"][0]["matchLabels"]["k8s:app.kubernetes.io/name"] for item in spec["egress"]] == ["db"]
    assert spec["ingress"] == [{}]
    assert "_cluster/baseline-dns.yaml" in web.text
    assert "_cluster/baseline-scrape.yaml" in web.text


def test_a_baseline_never_isolates():
    for baseline in said(busy_edges(), BaselineForm.SHARED).baselines:
        document = yaml.safe_load(baseline.manifest.text)
        assert document["kind"] == "CiliumClusterwideNetworkPolicy"
        assert all(spec["enableDefaultDeny"] == {"ingress": False, "egress": False} for spec in document["specs"])


def test_no_selector_is_empty_or_names_a_system_namespace_as_a_whole():
    for baseline in said(busy_edges(), BaselineForm.SHARED).baselines:
        for spec in yaml.safe_load(baseline.manifest.text)["specs"]:
            labels = spec["endpointSelector"].get("matchLabels", {})
            expressions = spec["endpointSelector"].get("matchExpressions", [])
            named = set(labels) | {one["key"] for one in expressions}
            namespaces = {labels.get("k8s:io.kubernetes.pod.namespace")} | {
                value for one in expressions for value in one["values"] if one["key"].endswith("pod.namespace")
            }
            assert "k8s:io.kubernetes.pod.namespace" in named
            assert "kube-system" not in namespaces or len(named) > 1


def test_baselines_are_listed_in_the_kustomization():
    result = said(busy_edges(), BaselineForm.SHARED)
    listed = yaml.safe_load(result.kustomization.text)["resources"]
    assert {"_cluster/baseline-dns.yaml", "_cluster/baseline-scrape.yaml"} <= set(listed)


def test_dns_of_a_policy_with_names_keeps_its_proxy_rule_beside_them():
    edges = [*busy_edges(), edge(WEB, fqdn("api.example.com"), 443, server_addresses=("203.0.113.9",))]
    result = said(edges, BaselineForm.SHARED)
    (web,) = [one for one in result.manifests if one.path.startswith("policies/shop/web-")]
    assert "matchPattern" in web.text
    assert parsed(result).judge(connection(edges[-1])).allowed


def test_a_baseline_of_one_policy_stays_in_it():
    result = said([edge(WEB, API, 6443, server_addresses=("192.0.2.10",))], BaselineForm.SHARED)
    assert result.baselines == ()


def test_networkpolicy_has_no_place_for_them():
    assert said(busy_edges(), BaselineForm.SHARED, dialect=Dialect.KUBERNETES).baselines == ()


def test_each_cluster_gets_baselines_of_its_own():
    members = [end("shop", name, cluster=where) for where in ("east", "west") for name in ("web", "db")]
    servers = [end("kube-system", "coredns", cluster=where) for where in ("east", "west")]
    groups = [group(one) for one in (*members, *servers)]
    edges = [dns_edge(client, servers[0] if client.cluster == "east" else servers[1]) for client in members]
    result = said(edges, BaselineForm.SHARED, groups=groups)
    assert [(one.cluster, one.kind) for one in result.baselines] == [("east", "dns"), ("west", "dns")]
    for baseline in result.baselines:
        document = yaml.safe_load(baseline.manifest.text)
        assert baseline.manifest.path == f"policies/{baseline.cluster}/_cluster/baseline-dns.yaml"
        assert document["metadata"]["annotations"]["netpol-recommend/cluster"] == baseline.cluster
        assert all(
            spec["endpointSelector"]["matchLabels"]["k8s:io.cilium.k8s.policy.cluster"] == baseline.cluster
            for spec in document["specs"]
        )


_COMMON = st.one_of(
    st.sampled_from(NEAR).map(dns_edge),
    st.tuples(st.sampled_from(NEAR), st.sampled_from([9090, 9100])).map(lambda it: edge(PROMETHEUS, it[0], it[1])),
    st.sampled_from(NEAR).map(lambda it: edge(it, API, 6443, server_addresses=("192.0.2.10",))),
    st.tuples(st.sampled_from(NEAR), st.sampled_from(NEAR)).map(lambda it: edge(it[0], it[1], 8080)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_COMMON, max_size=20))
def test_both_forms_mean_the_same(drawn):
    edges = list({one.edge_id: one for one in drawn}.values())
    shared, inline = (parsed(said(edges, form)) for form in (BaselineForm.SHARED, BaselineForm.INLINE))
    for client, server in itertools.product([*NEAR, API], repeat=2):
        if client == server:
            continue
        for port in (53, 6443, 8080, 9090, 9100):
            asked = connection(edge(client, server, port))
            assert shared.judge(asked).allowed == inline.judge(asked).allowed, (client, server, port)


def test_evidence_stands_beside_each_rule():
    text = by_kind(said(busy_edges(), BaselineForm.SHARED))[Baseline.SCRAPE].manifest.text
    assert "monitoring/prometheus to shop/web: connections 12, days 5" in text
    assert Direction.INGRESS.value in text


def test_long_lists_of_ports_are_split_as_the_crd_asks():
    ports = range(2000, 47000, 500)
    edges = [edge(PROMETHEUS, server, port, active_hours=60) for port in ports for server in (WEB, DB, COREDNS)]
    made = said(edges, BaselineForm.SHARED)
    [scrape] = [one for one in made.baselines if one.kind is Baseline.SCRAPE]
    body = yaml.safe_load(scrape.manifest.text)
    items = [item for spec in body["specs"] for item in (*spec.get("ingress", ()), *spec.get("egress", ()))]
    assert {len(entry["ports"]) for item in items for entry in item["toPorts"]} == {40, 10}
    cluster = parsed(made)
    assert all(cluster.judge(connection(one)).allowed for one in edges)
