from dataclasses import replace

import pytest

from recommender.group import arrange_groups
from recommender.model.disposition import Disposition
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.granularity import Granularity
from recommender.model.inventory import Inventory
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer
from recommender.model.starter_step import StarterStep
from recommender.policy import make_starter_set
from recommender.policy.starter_steps import is_public
from tests.group.sample import workload
from tests.policy.scene import CAPTURE, NEEDED, address, dns_edge, edge, entity, fqdn

WEB = workload("web", {"app": "web"})
API = workload("api", {"app": "api"})
PAY = workload("pay", {"app": "pay"}, namespace="payments")
VAULT = workload("vault", {"app": "vault"}, namespace="payments")
COREDNS = workload("coredns", {"k8s-app": "kube-dns"}, namespace="kube-system")
METRICS = workload("metrics", {"k8s-app": "metrics"}, namespace="kube-system")
EVERYONE = (WEB, API, PAY, VAULT, COREDNS, METRICS)


def starter(edges, workloads=EVERYONE, *, sensitive=()):
    grouping, _ = arrange_groups(
        workloads,
        edges,
        inventory=Inventory(),
        granularity=Granularity.NAMESPACE,
        sensitive=sensitive,
        with_finest=True,
    )
    return make_starter_set(
        grouping,
        edges,
        {one.edge_id: NEEDED for one in edges},
        workloads=workloads,
        capture=CAPTURE,
        inventory=Inventory(),
    )


def steps(made, namespace="shop"):
    """The policies of a namespace by step and group."""
    return {(one.step, one.group.name): one for one in made.policies if one.group.namespace == namespace}


def gaps(made, code):
    return [gap for gap in made.gaps if gap.code == code]


NEAR = (edge(WEB.end, API.end, 8080), edge(WEB.end, PAY.end, 9000), dns_edge(WEB.end, COREDNS.end))


def test_every_namespace_but_the_systems_gets_the_six_steps():
    made = starter(NEAR)
    found = steps(made)
    assert [step.number for step, _ in found] == [1, 2, 3, 4, 5, 6]
    assert {one.group.namespace for one in made.policies} == {"shop", "payments"}
    deny = found[StarterStep.DENY_INGRESS, "all-pods"]
    assert (deny.rules, deny.isolate_ingress, deny.isolate_egress) == ((), True, False)
    private = found[StarterStep.PRIVATE_RANGES, "all-pods"]
    assert (private.rules, private.isolate_ingress, private.isolate_egress) == ((), False, True)
    others = [one for (step, _), one in found.items() if not step.isolates]
    assert not any(one.isolate_ingress or one.isolate_egress for one in others)


def test_dns_is_udp_and_tcp_for_everybody():
    made = starter(NEAR)
    for namespace in ("shop", "payments"):
        (rule,) = steps(made, namespace)[StarterStep.DNS, "all-pods"].rules
        assert [str(port.protocol) for port in rule.ports] == ["TCP", "UDP"]
        assert (rule.direction, rule.peer.group.display) == (Direction.EGRESS, "kube-system/coredns")


def test_pods_of_one_namespace_reach_each_other_on_every_port():
    rules = steps(starter(NEAR))[StarterStep.SAME_NAMESPACE, "all-pods"].rules
    assert [(rule.direction, rule.ports, rule.baseline) for rule in rules] == [
        (Direction.INGRESS, (), Baseline.SAME_NAMESPACE),
        (Direction.EGRESS, (), Baseline.SAME_NAMESPACE),
    ]
    assert all(rule.peer.group.display == "shop/all-pods" for rule in rules)
    assert {edge_id for rule in rules for edge_id in rule.edges} == {NEAR[0].edge_id}


def test_between_namespaces_the_client_is_a_namespace_and_the_server_a_service():
    made = starter(NEAR)
    (sent,) = steps(made)[StarterStep.OTHER_NAMESPACES, "all-pods"].rules
    assert (sent.direction, sent.peer.group.display, sent.ports[0].port) == (Direction.EGRESS, "payments/pay", 9000)
    (heard,) = steps(made, "payments")[StarterStep.OTHER_NAMESPACES, "pay"].rules
    assert (heard.direction, heard.peer.group.display) == (Direction.INGRESS, "shop/all-pods")
    assert (StarterStep.OTHER_NAMESPACES, "vault") not in steps(made, "payments")


def test_a_service_that_no_label_names_stands_with_its_namespace():
    nameless = workload("nameless", {}, namespace="payments")
    by_account = workload("by-account", {}, namespace="payments", account="own")
    edges = (edge(WEB.end, nameless.end, 9000), edge(WEB.end, by_account.end, 9001))
    made = starter(edges, (*EVERYONE, nameless, by_account))
    heard = steps(made, "payments")[StarterStep.OTHER_NAMESPACES, "all-pods"]
    assert [port.port for rule in heard.rules for port in rule.ports] == [9000, 9001]
    assert made.decided[edges[0].edge_id].disposition is Disposition.NEEDED


@pytest.mark.parametrize(
    ("server", "addresses"),
    [
        (address("203.0.113.9"), ()),
        (fqdn("api.example.com"), ("203.0.113.9",)),
        (entity(Entity.WORLD), ("203.0.113.9", "2001:db8::5")),
    ],
)
def test_https_outside_needs_no_rule_of_its_own(server, addresses):
    one = edge(WEB.end, server, 443, server_addresses=addresses)
    made = starter((*NEAR, one))
    (rule,) = steps(made)[StarterStep.OUTSIDE_HTTPS, "all-pods"].rules
    assert rule.edges == (one.edge_id,)
    assert rule.peer.cidrs == ("0.0.0.0/0", "::/0")
    assert "10.0.0.0/8" in rule.peer.excepted
    assert (StarterStep.ALSO_NEEDED, "all-pods") not in steps(made)
    assert gaps(made, "NPR319") == gaps(made, "NPR305") == []


@pytest.mark.parametrize(
    ("server", "addresses", "peer"),
    [
        (fqdn("inside.example.com"), ("10.1.2.3",), FqdnPeer(name="inside.example.com", addresses=("10.1.2.3",))),
        (fqdn("unknown.example.com"), (), FqdnPeer(name="unknown.example.com")),
        (entity(Entity.WORLD), (), EntityPeer(entity=Entity.WORLD)),
        (entity(Entity.WORLD), ("not an address",), EntityPeer(entity=Entity.WORLD, addresses=("not an address",))),
    ],
)
def test_https_that_may_be_private_is_said_explicitly(server, addresses, peer):
    made = starter((*NEAR, edge(WEB.end, server, 443, server_addresses=addresses)))
    also = steps(made)[StarterStep.ALSO_NEEDED, "all-pods"]
    assert peer in [rule.peer for rule in also.rules]


def test_ping_within_a_namespace_and_between_two_goes_with_their_steps():
    pings = (edge(WEB.end, API.end, 8, Protocol.ICMP), edge(WEB.end, PAY.end, 8, Protocol.ICMP))
    found = steps(starter((*NEAR, *pings)))
    assert pings[0].edge_id in found[StarterStep.SAME_NAMESPACE, "all-pods"].rules[1].edges
    assert [rule.edges for rule in found[StarterStep.OTHER_NAMESPACES, "all-pods"].rules] == [
        (pings[1].edge_id,),
        (NEAR[1].edge_id,),
    ]


def test_private_addresses_that_were_seen_are_approved_and_nothing_else():
    made = starter((*NEAR, edge(WEB.end, address("10.1.2.3"), 5432)))
    (rule,) = steps(made)[StarterStep.PRIVATE_RANGES, "all-pods"].rules
    assert (rule.peer, [port.port for port in rule.ports]) == (CidrPeer(cidrs=("10.1.2.3/32",)), [5432])


def test_what_the_six_steps_forget_is_allowed_and_listed():
    edges = (
        edge(WEB.end, entity(Entity.KUBE_APISERVER), 6443),
        edge(WEB.end, fqdn("smtp.example.com"), 587, server_addresses=("203.0.113.5",)),
        edge(entity(Entity.REMOTE_NODE), API.end, 8443),
    )
    made = starter((*NEAR, *edges))
    found = steps(made)
    sent = found[StarterStep.ALSO_NEEDED, "all-pods"]
    assert {type(rule.peer) for rule in sent.rules} == {EntityPeer, FqdnPeer, GroupPeer}
    (heard,) = found[StarterStep.ALSO_NEEDED, "api"].rules
    assert (heard.direction, heard.peer.entity) == (Direction.INGRESS, Entity.REMOTE_NODE)
    (gap,) = gaps(made, "NPR319")
    assert (gap.subject, gap.count) == ("shop", 3)
    # Cilium learns the name's addresses through the DNS rule of the same policy.
    assert sent.needs_dns_proxy
    assert any(rule.baseline is Baseline.DNS for rule in sent.rules)


def test_sensitive_workloads_keep_full_policies_of_their_own():
    made = starter((*NEAR, edge(API.end, VAULT.end, 9443)), sensitive=["app=vault"])
    found = steps(made, "payments")
    vault = found.pop((None, "vault"))
    assert (vault.isolate_ingress, vault.isolate_egress) == (True, True)
    (rule,) = [rule for rule in vault.rules_for(Direction.INGRESS) if not rule.baseline]
    assert rule.peer.group.display == "shop/api"
    assert all(VAULT.end not in one.group.members for one in found.values())
    (sent,) = [
        rule
        for rule in steps(made)[StarterStep.OTHER_NAMESPACES, "all-pods"].rules
        if rule.peer.group.display == "payments/vault"
    ]
    assert sent.ports[0].port == 9443


def test_what_must_not_be_isolated_is_not():
    far = replace(VAULT, observed_locally=False)
    made = starter(NEAR, (WEB, API, PAY, far, COREDNS))
    assert all(far.end not in one.group.members for one in made.policies)
    assert {gap.code for gap in made.gaps} >= {"NPR302"}


def test_an_address_is_private_or_public_or_neither():
    assert not is_public("10.0.0.1")
    assert not is_public("fd00::1")
    assert is_public("203.0.113.0/24")
    assert is_public("203.0.113.9")
    assert not is_public("169.254.169.254")
    assert not is_public("no address")


def test_names_are_dns_labels_and_unique():
    long = workload("s" * 60, {"app": "s" * 60}, namespace="payments")
    made = starter((*NEAR, edge(WEB.end, long.end, 9000)), (*EVERYONE, long))
    names = [one.name for one in made.policies]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 63 and name[0].isdigit() and not name.endswith("-") for name in names)
