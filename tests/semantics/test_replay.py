import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import InvalidPolicyError
from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import AddressEnd, EntityEnd, Protocol, Workload
from recommender.model.entity import Entity
from recommender.model.inventory import Inventory
from recommender.semantics import SemanticsSettings, replay
from tests.semantics.replay_samples import (
    API,
    CLOSED,
    DB,
    DNS,
    OPEN,
    TO_API,
    WEB,
    WEB_TO_DB,
    WORKLOADS,
    edge,
    label_set,
    manifests,
    proof,
    workload,
)
from tests.semantics.samples import app, ccnp, cnp, np, to_port


@pytest.mark.parametrize("disposition", [Disposition.NEEDED, Disposition.REVIEW])
def test_a_needed_edge_that_is_denied_breaks_the_proof(disposition):
    found = proof([WEB_TO_DB], CLOSED, disposition=disposition)
    assert not found.holds
    denial = found.broken[0]
    assert (denial.edge_id, denial.edge, denial.direction) == (WEB_TO_DB.edge_id, WEB_TO_DB.key, "ingress")
    assert denial.reason == "ingress: no rule allows it under CiliumNetworkPolicy/shop/db"
    assert (found.edges, found.allowed, found.manifests) == (1, 0, 1)


def test_a_needed_edge_that_passes():
    found = proof([WEB_TO_DB], OPEN)
    assert found.holds
    assert (found.edges, found.allowed, found.manifests) == (1, 1, 1)


def test_an_edge_that_nobody_decided_about_is_needed():
    found = replay([WEB_TO_DB], {}, workloads=WORKLOADS, manifests=manifests(CLOSED), inventory=Inventory())
    assert len(found.broken) == 1


def test_both_directions_and_a_deny_rule_are_named():
    silent = cnp("web", endpointSelector=app("web"), egress=[{}])
    denying = cnp("db", endpointSelector=app("db"), ingressDeny=[{"fromEntities": ["cluster"]}])
    denial = proof([WEB_TO_DB], silent, denying).broken[0]
    assert denial.direction == "egress and ingress"
    assert "egress: no rule allows it under CiliumNetworkPolicy/shop/web" in denial.reason
    assert "ingress: denied by CiliumNetworkPolicy/shop/db" in denial.reason


@pytest.mark.parametrize("disposition", [Disposition.QUARANTINED, Disposition.EXCLUDED])
def test_an_edge_left_out_on_purpose_is_listed_with_its_reason(disposition):
    found = proof([WEB_TO_DB], CLOSED, disposition=disposition)
    assert found.holds
    assert [(item.edge, item.reason, item.direction) for item in found.excluded] == [
        (WEB_TO_DB.key, "told so", "ingress")
    ]


def test_a_quarantined_edge_that_still_passes_is_shown():
    found = proof([WEB_TO_DB], OPEN, disposition=Disposition.QUARANTINED)
    assert found.still_open == (WEB_TO_DB.key,)
    assert (found.allowed, found.excluded) == (0, ())


def test_an_excluded_edge_that_passes_counts_as_allowed():
    assert proof([WEB_TO_DB], OPEN, disposition=Disposition.EXCLUDED).allowed == 1


TWO_VERSIONS = (
    workload("web", label_set("web", extra=["k8s:version=v1"]), label_set("web", extra=["k8s:version=v2"])),
    workload("db"),
)
ONLY_V1 = cnp("db", endpointSelector=app("db"), ingress=[{"fromEndpoints": [{"matchLabels": {"version": "v1"}}]}])


def test_every_label_set_of_a_workload_must_pass():
    denial = proof([WEB_TO_DB], ONLY_V1, workloads=TWO_VERSIONS).broken[0]
    assert "for 1 of 2 combinations" in denial.reason


def test_one_open_label_set_leaves_a_quarantined_edge_open():
    found = proof([WEB_TO_DB], ONLY_V1, workloads=TWO_VERSIONS, disposition=Disposition.QUARANTINED)
    assert found.still_open == (WEB_TO_DB.key,)


def test_replicas_of_one_workload_do_meet_policies():
    assert proof([edge(DB, DB, port=5432)], CLOSED).broken


def test_an_implicit_edge_of_a_pod_to_itself_is_skipped():
    assert proof([edge(DB, DB, port=5432)], CLOSED, disposition=Disposition.IMPLICIT).allowed == 1


def test_an_implicit_edge_from_the_own_node_must_pass():
    probe = edge(EntityEnd(entity=Entity.HOST), DB, port=8080)
    assert proof([probe], CLOSED, disposition=Disposition.IMPLICIT).allowed == 1
    shut = cnp("shut", endpointSelector=app("db"), ingressDeny=[{"fromEntities": ["host"]}])
    assert proof([probe], shut, disposition=Disposition.IMPLICIT).broken


def test_a_health_check_that_is_denied_breaks_nothing():
    check = edge(EntityEnd(entity=Entity.HEALTH), DB, port=4240)
    found = proof([check], CLOSED, disposition=Disposition.IMPLICIT)
    assert found.holds
    assert len(found.excluded) == 1


def test_ping_is_judged_by_its_type():
    ping = edge(WEB, DB, protocol=Protocol.ICMP, port=8)
    rule = {"fromEndpoints": [{}], "icmps": [{"fields": [{"type": 8}]}]}
    assert proof([ping], cnp("db", ingress=[rule])).holds
    assert proof([ping], OPEN).broken


def test_namespace_labels_come_from_label_sets_and_the_inventory():
    seen = (
        workload("web", label_set("web", extra=["k8s:io.cilium.k8s.namespace.labels.team=red"])),
        workload("db"),
    )
    for labels in ({"team": "red"}, {"env": "live"}, {"kubernetes.io/metadata.name": "shop"}):
        rule = {"from": [{"namespaceSelector": {"matchLabels": labels}}]}
        known = Inventory(namespaces=(("shop", (("env", "live"),)),))
        assert proof([WEB_TO_DB], np("db", ingress=[rule]), workloads=seen, inventory=known).holds
    rule = {"from": [{"namespaceSelector": {"matchLabels": {"team": "blue"}}}]}
    assert proof([WEB_TO_DB], np("db", ingress=[rule]), workloads=seen).broken


def test_service_account_and_named_ports_are_those_of_the_workload():
    named = (workload("web"), workload("db", named_ports=(("pg", "TCP", 5432),)))
    account = {"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "robot"}}
    rule = {"fromEndpoints": [account], "toPorts": to_port("pg")}
    assert proof([WEB_TO_DB], cnp("db", ingress=[rule]), workloads=named).holds
    assert proof([WEB_TO_DB], cnp("db", ingress=[rule])).broken


def test_a_workload_that_is_not_known_is_a_pod_without_labels():
    assert proof([WEB_TO_DB], OPEN, workloads=()).holds
    everyone = cnp("all", ingress=[{"fromEndpoints": [app("web")]}])
    assert proof([WEB_TO_DB], everyone, workloads=()).broken


def test_a_host_network_workload_is_a_node_to_policies():
    hosted = (Workload(end=WEB, label_sets=(), host_network=True), workload("db"))
    assert proof([WEB_TO_DB], OPEN, workloads=hosted).broken
    assert proof([WEB_TO_DB], cnp("db", ingress=[{"fromEntities": ["remote-node"]}]), workloads=hosted).holds


def test_settings_reach_the_evaluator():
    probe = edge(EntityEnd(entity=Entity.HOST), DB)
    assert proof([probe], CLOSED, settings=SemanticsSettings(local_host_always_allowed=False)).broken


def test_an_invalid_manifest_is_an_error_that_names_its_file():
    with pytest.raises(InvalidPolicyError) as caught:
        proof([WEB_TO_DB], OPEN, cnp("bad", ingress=[]))
    assert caught.value.where == "policies/1.yaml: CiliumNetworkPolicy/shop/bad"


def test_a_policy_that_selects_no_pod_of_any_workload_is_named():
    misspelt = cnp("misspelt", endpointSelector=app("bd"), ingress=[{}])
    elsewhere = np("elsewhere", namespace="pay")
    found = proof([WEB_TO_DB], OPEN, misspelt, elsewhere)
    assert found.holds
    assert found.idle_policies == ("CiliumNetworkPolicy/shop/misspelt", "NetworkPolicy/pay/elsewhere")


def test_without_manifests_everything_passes():
    found = proof([WEB_TO_DB])
    assert (found.allowed, found.manifests, found.holds) == (1, 0, True)


def test_without_edges_there_is_nothing_to_break():
    assert proof([], OPEN).holds


EDGES = [
    WEB_TO_DB,
    edge(DB, WEB),
    API,
    edge(EntityEnd(entity=Entity.HOST), DB),
    edge(EntityEnd(entity=Entity.WORLD), WEB, port=443),
    edge(WEB, AddressEnd(address="2001:db8::5"), port=443),
]
DOCUMENTS = [
    OPEN,
    cnp("web", egress=[TO_API, DNS]),
    np("deny", ingress=[]),
    ccnp("w", egress=[{"toEntities": ["world"]}]),
]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(EDGES), unique=True),
    st.lists(st.sampled_from(DOCUMENTS), unique_by=id),
    st.lists(st.sampled_from(Disposition), min_size=6, max_size=6),
    st.randoms(use_true_random=False),
)
def test_every_edge_has_one_place_and_order_does_not_matter(edges, documents, dispositions, random):
    decided = {item.edge_id: Decided(disposition=choice) for item, choice in zip(EDGES, dispositions, strict=True)}

    def run():
        return replay(edges, decided, workloads=WORKLOADS, manifests=manifests(*documents), inventory=Inventory())

    first = run()
    assert first.allowed + len(first.broken) + len(first.excluded) + len(first.still_open) == first.edges == len(edges)
    random.shuffle(edges)
    random.shuffle(documents)
    assert run() == first
