from dataclasses import replace

import pytest

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.existing import AdviceKind, ExistingUse, PolicyFate
from recommender.model.inventory import Inventory
from recommender.model.labels import LabelSet
from recommender.model.manifest import Dialect
from recommender.model.policy import Direction, GroupPeer
from recommender.model.shared_baseline import BaselineForm
from recommender.semantics import replay
from recommender.semantics.manifest_documents import ManifestDocument
from tests.complement.scene import WORKLOADS, labelled, own_output, run
from tests.policy.scene import (
    COREDNS,
    DB,
    PROMETHEUS,
    SHOP_GROUPS,
    WEB,
    address,
    dns_edge,
    edge,
    end,
    entity,
    fqdn,
    group,
    rule_for,
    shop_edges,
)
from tests.semantics.samples import app, ccnp, cnp, np, to_port

WEB_TO_DB = edge(WEB, DB, 5432)
SCRAPE = edge(PROMETHEUS, WEB, 9090)
DB_LABELS = {"matchLabels": {"app.kubernetes.io/name": "db"}}
DB_LETS_WEB_IN = cnp(
    "db", endpointSelector=DB_LABELS, ingress=[{"fromEndpoints": [app("web")], "toPorts": to_port("5432")}]
)
WEB_MAY_ASK_DB = cnp(
    "web", endpointSelector=app("web"), egress=[{"toEndpoints": [DB_LABELS], "toPorts": to_port("5432")}]
)
BOTH = [Dialect.CILIUM, Dialect.KUBERNETES]


def rules(policy, direction):
    return [rule for rule in policy.rules_for(direction) if rule.baseline is None]


@pytest.mark.parametrize("dialect", BOTH)
def test_only_what_is_missing_is_written(dialect):
    scrape_db = edge(PROMETHEUS, DB, 9187)
    result = run([WEB_TO_DB, SCRAPE, scrape_db], DB_LETS_WEB_IN, dialect=dialect)
    db, web = result.policy("shop/db"), result.policy("shop/web")
    assert [rule.edges for rule in rules(db, Direction.INGRESS)] == [(scrape_db.edge_id,)]
    assert db.isolate_ingress
    assert [(item.rule.edges, item.policies) for item in db.left_out] == [
        ((WEB_TO_DB.edge_id,), ("CiliumNetworkPolicy/shop/db",))
    ]
    assert rules(web, Direction.EGRESS), "the other side of the edge is nobody's business but web's"
    assert rules(web, Direction.INGRESS)
    assert result.proof.holds
    assert result.proof.existing == 1
    assert [(one.edge, one.direction) for one in result.proof.dependent] == [(WEB_TO_DB.key, "ingress")]
    assert result.proof.dependent[0].reason == "allowed by CiliumNetworkPolicy/shop/db"


def test_a_direction_that_existing_policies_isolate_is_left_to_them():
    result = run([WEB_TO_DB], DB_LETS_WEB_IN)
    db = result.policy("shop/db")
    assert (db.isolate_ingress, db.isolate_egress) == (False, True)
    assert db.isolated_by == ((Direction.INGRESS, ("CiliumNetworkPolicy/shop/db",)),)
    assert ("shop/db", Direction.INGRESS, ("CiliumNetworkPolicy/shop/db",)) in result.existing.isolation


@pytest.mark.parametrize("dialect", BOTH)
def test_a_direction_that_they_leave_open_is_still_isolated(dialect):
    opens = cnp(
        "db",
        endpointSelector=DB_LABELS,
        enableDefaultDeny={"ingress": False, "egress": False},
        ingress=[{"fromEndpoints": [app("web")], "toPorts": to_port("5432")}],
    )
    result = run([WEB_TO_DB], opens, dialect=dialect)
    db = result.policy("shop/db")
    assert db.isolate_ingress
    assert db.left_out
    assert "no ingress was seen that existing policies do not allow: the rest is denied" in result.text("shop/db")
    assert result.proof.holds


def test_a_group_that_is_covered_and_isolated_both_ways_needs_no_policy():
    closed = cnp("db-out", endpointSelector=DB_LABELS, egress=[{}])
    dns = cnp(
        "db-dns",
        endpointSelector=DB_LABELS,
        egress=[{"toEndpoints": [{"matchLabels": {f"k8s:{'io.kubernetes.pod.namespace'}": "kube-system"}}]}],
    )
    result = run([WEB_TO_DB, dns_edge(WEB)], DB_LETS_WEB_IN, closed, dns)
    assert [policy.group.display for policy in result.missing.covered] == ["shop/db"]
    assert "shop/db" not in {policy.group.display for policy in result.missing.policies}
    assert result.existing.covered == result.missing.covered
    assert result.proof.holds


def test_only_the_missing_port_of_a_rule_is_kept_with_its_own_evidence():
    both = [edge(WEB, DB, 5432), edge(WEB, DB, 5433)]
    result = run(both, DB_LETS_WEB_IN)
    kept = rule_for(result.policy("shop/db"), Direction.INGRESS, GroupPeer)
    assert [port.port for port in kept.ports] == [5433]
    assert kept.edges == (both[1].edge_id,)
    assert result.policy("shop/db").left_out[0].rule.edges == (both[0].edge_id,)


def test_only_the_missing_addresses_of_a_rule_are_kept():
    edges = [edge(WEB, address(f"203.0.113.{n}"), 443, server_addresses=(f"203.0.113.{n}",)) for n in (20, 21, 99)]
    partner = cnp(
        "web", endpointSelector=app("web"), egress=[{"toCIDR": ["203.0.113.16/28"], "toPorts": to_port("443")}]
    )
    result = run(edges, partner)
    web = result.policy("shop/web")
    [kept] = rules(web, Direction.EGRESS)
    assert (kept.peer.cidrs, kept.edges) == (("203.0.113.99/32",), (edges[2].edge_id,))
    assert web.left_out[0].rule.peer.cidrs == ("203.0.113.20/31",)
    assert result.proof.holds


@pytest.mark.parametrize(
    "narrower",
    [
        {"fromEndpoints": [app("other")], "toPorts": to_port("5432")},
        {"fromEndpoints": [app("web")], "toPorts": to_port("5433")},
        {"fromEndpoints": [app("web")], "toPorts": to_port("5432", "UDP")},
        {"fromCIDR": ["0.0.0.0/0"], "toPorts": to_port("5432")},
    ],
)
def test_what_does_not_say_it_does_not_cover_it(narrower):
    db = run([WEB_TO_DB], cnp("db", endpointSelector=DB_LABELS, ingress=[narrower])).policy("shop/db")
    assert not db.left_out
    assert rules(db, Direction.INGRESS)


def test_default_allow_is_no_cover():
    """A policy that governs the other direction only leaves this one open, until ours closes it."""
    assert not run([WEB_TO_DB], cnp("db", endpointSelector=DB_LABELS, egress=[{}])).policy("shop/db").left_out


def test_two_policies_cover_what_neither_does_alone():
    halves = [
        cnp(
            f"db-{version}", endpointSelector={"matchLabels": {"version": version}}, ingress=[{"fromEntities": ["all"]}]
        )
        for version in ("v1", "v2")
    ]
    stable = "app.kubernetes.io/name=db"
    db = replace(
        WORKLOADS[1],
        label_sets=tuple(labelled(DB, stable, f"version={one}").label_sets[0] for one in ("v1", "v2")),
    )
    groups = (SHOP_GROUPS[0], group(DB, labels={"app.kubernetes.io/name": "db"}), *SHOP_GROUPS[2:])
    workloads = (WORKLOADS[0], db, *WORKLOADS[2:])
    known = run([WEB_TO_DB], *halves, groups=groups, workloads=workloads).policy("shop/db")
    assert not known.left_out, "a next version would be covered by neither"
    rest = cnp("db-v3", endpointSelector={"matchExpressions": [{"key": "version", "operator": "DoesNotExist"}]})
    rest["spec"]["ingress"] = [{"fromEntities": ["all"]}]
    whole = run([WEB_TO_DB], *halves, rest, groups=groups, workloads=workloads).policy("shop/db")
    assert whole.left_out[0].policies == tuple(f"CiliumNetworkPolicy/shop/db-{one}" for one in ("v1", "v2", "v3"))


def test_a_selector_on_a_changing_label_covers_no_next_rollout():
    web = labelled(WEB, "app=web", "version=v1")
    [_, *others] = WORKLOADS
    changing = replace(SHOP_GROUPS[0], proof=replace(SHOP_GROUPS[0].proof, dropped_keys=(("version", "changes"),)))
    policy = cnp("web", endpointSelector={"matchLabels": {"version": "v1"}}, ingress=[{"fromEntities": ["all"]}])
    groups = (changing, *SHOP_GROUPS[1:])
    assert not run([SCRAPE], policy, groups=groups, workloads=(web, *others)).policy("shop/web").left_out
    assert run([SCRAPE], policy, workloads=(web, *others)).policy("shop/web").left_out, "a label that stays is as good"


def test_a_name_is_not_covered_by_the_addresses_that_it_has_today():
    api = edge(WEB, fqdn("api.example.com"), 443, server_addresses=("203.0.113.9",))
    partner = cnp(
        "web", endpointSelector=app("web"), egress=[{"toCIDR": ["203.0.113.0/24"], "toPorts": to_port("443")}]
    )
    result = run([api, dns_edge(WEB)], partner)
    assert not result.policy("shop/web").left_out
    world = cnp("web", endpointSelector=app("web"), egress=[{"toEntities": ["world"], "toPorts": to_port("443")}])
    assert run([api, dns_edge(WEB)], world).policy("shop/web").left_out


API = edge(WEB, fqdn("api.example.com"), 443, server_addresses=("203.0.113.9",))
TO_DNS = {"toEndpoints": [{"matchLabels": {"k8s-app": "kube-dns", "k8s:io.kubernetes.pod.namespace": "kube-system"}}]}


def dns_rule(**rules):
    ports = [{"port": "53", "protocol": "ANY"}]
    return {**TO_DNS, "toPorts": [{"ports": ports, **({"rules": {"dns": [rules]}} if rules else {})}]}


@pytest.mark.parametrize(
    ("rules_dns", "own_dns"),
    [
        ({}, True),
        ({"matchPattern": "*"}, False),
        ({"matchName": "api.example.com"}, False),
        ({"matchName": "x.org"}, True),
    ],
)
def test_dns_stays_beside_a_name_that_nobody_lets_the_proxy_learn(rules_dns, own_dns):
    existing = cnp("web", endpointSelector=app("web"), egress=[dns_rule(**rules_dns)])
    result = run([API, dns_edge(WEB)], existing)
    web = result.policy("shop/web")
    assert any(rule.baseline for rule in web.rules_for(Direction.EGRESS)) is own_dns
    assert result.proof.holds
    lifted = [item for item in result.existing.lifted if item[0] == "shop/web"]
    assert bool(lifted) is (rules_dns == {"matchName": "x.org"})


def test_a_layer_7_filter_is_not_lifted_by_repeating_the_rule_without_it():
    http = {"ports": [{"port": "9090", "protocol": "TCP"}], "rules": {"http": [{"method": "GET", "path": "/metrics"}]}}
    peer = {"matchLabels": {"app": "prometheus", "k8s:io.kubernetes.pod.namespace": "monitoring"}}
    filtered = cnp("web", endpointSelector=app("web"), ingress=[{"fromEndpoints": [peer], "toPorts": [http]}])
    result = run([SCRAPE], filtered)
    [left] = [item for item in result.policy("shop/web").left_out if item.rule.edges == (SCRAPE.edge_id,)]
    assert left.layer7
    assert "already allowed behind a layer-7 filter by CiliumNetworkPolicy/shop/web" in result.text("shop/web")
    assert not result.existing.lifted


def test_an_existing_deny_beats_our_allow():
    no = cnp("db", endpointSelector=DB_LABELS, ingressDeny=[{"fromEndpoints": [app("web")]}])
    result = run([WEB_TO_DB], no)
    assert [(item.edge_id, item.policies, item.whole) for item in result.existing.forbidden] == [
        (WEB_TO_DB.edge_id, ("CiliumNetworkPolicy/shop/db",), True)
    ]
    assert [one.edge for one in result.proof.broken] == [WEB_TO_DB.key], "unless it is quarantined first"


def test_a_deny_for_some_of_the_pods_leaves_the_edge_to_the_others():
    web = replace(
        labelled(WEB, "app=web", "track=stable"),
        label_sets=tuple(labelled(WEB, "app=web", f"track={one}").label_sets[0] for one in ("canary", "stable")),
    )
    no = cnp("db", endpointSelector=DB_LABELS, ingressDeny=[{"fromEndpoints": [{"matchLabels": {"track": "canary"}}]}])
    result = run([WEB_TO_DB], no, workloads=(web, *WORKLOADS[1:]))
    assert not result.existing.forbidden[0].whole
    assert result.proof.holds
    assert rules(result.policy("shop/db"), Direction.INGRESS)


def test_what_an_earlier_run_wrote_counts_for_nothing():
    first = run(shop_edges())
    again = run(shop_edges(), *own_output(first))
    assert again.written == first.written
    assert {policy.fate for policy in again.existing.policies} == {PolicyFate.REPLACED}
    assert again.existing.changes_known
    assert again.existing.changes == ()
    assert again.proof.existing == 0


def test_the_difference_to_an_earlier_run_is_told_in_connections():
    first = run([WEB_TO_DB, SCRAPE])
    later = run([edge(WEB, DB, 5433), SCRAPE], *own_output(first))
    assert [(item.source, item.destination, item.before, item.after) for item in later.existing.changes] == [
        ("shop/web", "shop/db", "TCP/5432", "TCP/5433")
    ]


def test_an_earlier_policy_that_is_not_written_any_more_is_left_over():
    first = run([WEB_TO_DB, SCRAPE])
    later = run([SCRAPE], *own_output(first), groups=(SHOP_GROUPS[0], *SHOP_GROUPS[2:]), workloads=WORKLOADS)
    assert [policy.name for policy in later.existing.of_fate(PolicyFate.LEFTOVER)] == [
        f"CiliumNetworkPolicy/shop/{first.policy('shop/db').name}"
    ]


def test_our_marks_on_a_policy_that_denies_are_not_believed():
    [mine] = [one for one in own_output(run([WEB_TO_DB])) if one["metadata"]["name"].startswith("db")]
    forged = {**mine, "metadata": {**mine["metadata"], "name": "forged"}}
    forged["spec"] = {"endpointSelector": DB_LABELS, "ingressDeny": [{"fromEndpoints": [app("web")]}]}
    result = run([WEB_TO_DB], forged)
    assert result.existing.of_fate(PolicyFate.JUDGED)
    assert result.existing.forbidden


def test_a_foreign_policy_of_the_name_of_ours_is_about_to_be_replaced():
    name = run([WEB_TO_DB]).policy("shop/db").name
    same = cnp(name, endpointSelector=DB_LABELS, ingress=[{"fromEntities": ["all"]}])
    result = run([WEB_TO_DB], same)
    assert result.existing.of_fate(PolicyFate.REPLACED)
    assert rules(result.policy("shop/db"), Direction.INGRESS)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"apiVersion": "projectcalico.org/v3", "kind": "NetworkPolicy", "metadata": {"name": "x", "namespace": "shop"}},
        {"apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": "AdminNetworkPolicy", "metadata": {"name": "x"}},
        cnp("x", ingress=[]),
        cnp("x", ingress=[{"fromEntities": ["nobody-knows"]}]),
        cnp("x", egressDeny=[{"toCIDRSet": [{"cidrGroupRef": "bad-addresses"}]}]),
        {**cnp("x"), "spec": 7},
        {**cnp("x"), "spec": {"endpointSelector": [1], "ingress": "no"}},
    ],
)
def test_a_policy_that_cannot_be_judged_is_named_and_counts_for_nothing(spoilt):
    result = run([WEB_TO_DB], spoilt, DB_LETS_WEB_IN)
    [unjudged] = result.existing.of_fate(PolicyFate.UNJUDGED)
    assert unjudged.name.endswith("/x")
    assert unjudged.reason
    assert result.existing.count == 1
    assert result.policy("shop/db").left_out


def test_a_policy_for_nodes_is_no_policy_for_pods():
    node = ccnp("nodes", ingress=[{"fromEntities": ["all"]}])
    node["spec"]["nodeSelector"] = node["spec"].pop("endpointSelector")
    assert run([WEB_TO_DB], node).existing.of_fate(PolicyFate.NOT_PODS)


def test_ignoring_them_writes_complete_policies():
    result = run([WEB_TO_DB], DB_LETS_WEB_IN, use=ExistingUse.IGNORE)
    assert result.missing.policies == result.complete
    assert result.existing.note
    assert result.proof.existing == 0


def test_policies_of_several_clusters_count_for_nothing_as_nobody_knows_whose_they_are():
    other = end("shop", "web", cluster="east")
    workloads = (*WORKLOADS, labelled(other, "app=web", cluster="east"))
    result = run([WEB_TO_DB], DB_LETS_WEB_IN, groups=(*SHOP_GROUPS, group(other)), workloads=workloads)
    assert "2 clusters" in result.existing.note
    assert result.missing.policies == result.complete
    vouched = named(WEB_TO_DB)
    trusting = run([vouched], use=ExistingUse.BY_NAME, groups=(*SHOP_GROUPS, group(other)), workloads=workloads)
    assert trusting.missing.policies == trusting.complete


def named(one, names=("CiliumNetworkPolicy/shop/db",), *, allowed=12, verdicts=12):
    more = {"ingress_policies": names, "ingress_allowed": allowed, "ingress_verdicts": verdicts, "policies": names}
    return replace(one, evidence=replace(one.evidence, **more))


def test_a_policy_that_flows_name_leaves_nothing_out_unless_told_so():
    result = run([named(WEB_TO_DB)])
    assert [policy.name for policy in result.existing.of_fate(PolicyFate.NAMED)] == ["CiliumNetworkPolicy/shop/db"]
    assert result.missing.policies == result.complete
    assert not result.proof.attested


def test_on_the_word_of_flows_the_rule_is_left_out_and_the_proof_says_so():
    result = run([named(WEB_TO_DB)], use=ExistingUse.BY_NAME)
    db = result.policy("shop/db")
    assert [(item.policies, item.by_name) for item in db.left_out] == [(("CiliumNetworkPolicy/shop/db",), True)]
    assert db.isolate_ingress, "whether the named policy isolates is not known"
    assert result.proof.holds
    assert [one.edge for one in result.proof.attested] == [WEB_TO_DB.key]
    assert "1 taken on the flows' word" in result.proof.sentence
    assert "say flows; its text is not known" in result.text("shop/db")


@pytest.mark.parametrize(
    "spoil",
    [
        {"allowed": 11},
        {"allowed": 0, "verdicts": 0},
        {"names": ()},
    ],
)
def test_one_verdict_that_says_otherwise_is_enough_to_keep_the_rule(spoil):
    assert not run([named(WEB_TO_DB, **spoil)], use=ExistingUse.BY_NAME).policy("shop/db").left_out


def test_a_named_policy_that_the_inventory_lacks_is_gone():
    result = run([named(WEB_TO_DB)], WEB_MAY_ASK_DB, use=ExistingUse.BY_NAME)
    assert not result.policy("shop/db").left_out
    [policy] = result.existing.of_fate(PolicyFate.NAMED)
    assert "not this one" in policy.reason


@pytest.mark.parametrize("reference", ["CiliumClusterwideNetworkPolicy//wide", "Policy/shop/db"])
def test_flows_write_names_in_their_own_way(reference):
    wide = ccnp("wide", endpointSelector=DB_LABELS, ingress=[{"fromEntities": ["all"]}])
    result = run([named(WEB_TO_DB, (reference,))], wide, DB_LETS_WEB_IN)
    assert not result.existing.of_fate(PolicyFate.NAMED)


def test_our_own_names_in_flows_are_no_existing_policies():
    mine = f"CiliumNetworkPolicy/shop/{run([WEB_TO_DB]).policy('shop/db').name}"
    assert not run([named(WEB_TO_DB, (mine,))]).existing.policies


def test_what_nothing_used_is_for_retirement():
    policy = cnp(
        "db",
        endpointSelector=DB_LABELS,
        ingress=[
            {"fromEndpoints": [app("web")], "toPorts": to_port("5432")},
            {"fromEntities": ["world"], "toPorts": to_port("5432")},
            {"fromEndpoints": [app("prometheus")], "toPorts": to_port("9187")},
        ],
    )
    result = run([WEB_TO_DB], policy)
    used = {rule.path: rule for rule in result.existing.rules}
    assert used["spec.ingress[0]"].edges == (WEB_TO_DB.edge_id,)
    assert used["spec.ingress[0]"].last_used == WEB_TO_DB.evidence.last_seen
    advice = [(item.path, item.severity.value) for item in result.existing.advice if item.kind is AdviceKind.RETIRE]
    assert advice == [("spec.ingress[1]", "high"), ("spec.ingress[2]", "info")]


def test_reach_is_judged_by_what_the_cluster_enforces():
    result = run([WEB_TO_DB, SCRAPE], DB_LETS_WEB_IN)
    before = {item.group: item for item in result.existing.reach_before}
    after = {item.group: item for item in result.existing.reach_after}
    assert before["monitoring/prometheus"].groups == {"kube-system/coredns", "shop/web"}
    assert before["shop/web"].world
    assert after["shop/web"].groups == {"shop/db"}
    assert after["monitoring/prometheus"].groups == {"shop/web"}
    assert not after["shop/web"].world
    assert before["shop/web"].open_to_world == "all"
    assert after["shop/web"].open_to_world == ""


def test_covered_rules_are_missing_from_the_shared_baselines():
    dns = ccnp("dns", endpointSelector=app("web"), egress=[dns_rule(matchPattern="*")])
    edges = [dns_edge(WEB), dns_edge(PROMETHEUS), WEB_TO_DB]
    result = run(edges, dns, baselines=BaselineForm.SHARED)
    [baseline] = [one for one in result.written.baselines if one.kind.value == "dns"]
    assert "monitoring/prometheus to kube-system/coredns" in baseline.manifest.text
    assert "shop/web to kube-system/coredns" not in baseline.manifest.text
    assert result.proof.holds


def test_kubernetes_writes_no_any_peer_for_an_entity_that_is_covered():
    """The dialect's way to say an entity is wider than the entity; a covered one needs it not."""
    probe = edge(entity(Entity.REMOTE_NODE), WEB, 8443, client_addresses=("192.0.2.11",))
    nodes = ccnp("nodes", endpointSelector=app("web"), ingress=[{"fromEntities": ["remote-node"]}])
    result = run([probe], nodes, dialect=Dialect.KUBERNETES)
    assert result.written.losses == ()
    assert result.proof.holds


def test_a_network_policy_covers_as_well():
    policy = np(
        "db",
        podSelector=DB_LABELS,
        policyTypes=["Ingress"],
        ingress=[{"from": [{"podSelector": app("web")}], "ports": [{"port": 5432, "protocol": "TCP"}]}],
    )
    assert run([WEB_TO_DB], policy).policy("shop/db").left_out[0].policies == ("NetworkPolicy/shop/db",)


def test_ping_is_covered_by_a_rule_without_ports_only():
    ping = edge(WEB, DB, 8, Protocol.ICMP)
    for ports, covered in (({}, True), ({"toPorts": to_port("5432")}, False)):
        policy = cnp("db", endpointSelector=DB_LABELS, ingress=[{"fromEndpoints": [app("web")], **ports}])
        assert bool(run([ping], policy).policy("shop/db").left_out) is covered


CACHE = end("shop", "cache")
CLOSED_CACHE = cnp(
    "cache",
    endpointSelector={"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "cache"}},
    ingress=[{"fromEndpoints": [app("job")]}],
)


@pytest.mark.parametrize(("dialect", "cut"), [(Dialect.CILIUM, False), (Dialect.KUBERNETES, True)])
def test_what_existing_policies_cut_where_we_cannot_speak_is_told_apart(dialect, cut):
    one = edge(WEB, CACHE, 6379)
    groups = (*SHOP_GROUPS, group(CACHE, labels={}, service_account="cache"))
    workloads = (*WORKLOADS, labelled(CACHE, "io.cilium.k8s.policy.serviceaccount=cache"))
    result = run([one], CLOSED_CACHE, dialect=dialect, groups=groups, workloads=workloads)
    assert result.proof.holds
    assert [denial.edge for denial in result.proof.cut_by_existing] == ([one.key] if cut else [])
    assert ("1 cut by existing policies" in result.proof.sentence) is cut


def test_what_was_left_to_them_and_does_not_pass_breaks_the_proof():
    """The complement is not believed either: the replay judges the texts once more."""
    closed = cnp("db", endpointSelector=DB_LABELS, ingress=[{"fromEndpoints": [app("job")]}])
    result = run([WEB_TO_DB], DB_LETS_WEB_IN)
    proof = replay(
        [WEB_TO_DB],
        result.decided,
        workloads=WORKLOADS,
        manifests=[one for one in result.written.manifests if "/db-" not in one.path],
        inventory=Inventory(),
        existing=[ManifestDocument(path="CiliumNetworkPolicy/shop/db", cluster="", document=closed)],
        promised=result.missing.promised,
    )
    assert [one.edge for one in proof.broken] == [WEB_TO_DB.key]


QUARANTINED = Decided(disposition=Disposition.QUARANTINED, reason="part of a scan")


def test_what_existing_policies_let_through_in_spite_of_quarantine_is_told_with_their_names():
    both = cnp(
        "open",
        endpointSelector={},
        ingress=[{"fromEntities": ["all"]}],
        egress=[{"toEntities": ["all"]}],
    )
    scan = edge(WEB, DB, 22)
    result = run([WEB_TO_DB, scan], both, decided={scan.edge_id: QUARANTINED})
    assert result.proof.still_open == (scan.key,)
    assert [(one.edge, one.reason) for one in result.proof.open_by_existing] == [
        (scan.key, "allowed by CiliumNetworkPolicy/shop/open")
    ]
    [rule, _] = result.existing.rules
    assert scan.edge_id in rule.suspicious
    assert scan.edge_id not in rule.edges


def test_the_header_names_what_the_policy_rests_on():
    text = run([WEB_TO_DB], DB_LETS_WEB_IN).text("shop/db")
    assert "# Not repeated: from shop/web on TCP/5432, already allowed by CiliumNetworkPolicy/shop/db\n" in text
    assert "# Isolates ingress: CiliumNetworkPolicy/shop/db, not this one: without it ingress is open\n" in text
    assert "# Complete only together with the existing policies named: keep them.\n" in text


def test_pods_without_labels_of_their_own_are_still_judged():
    bare = replace(labelled(WEB), label_sets=(LabelSet.parse([f"k8s:io.kubernetes.pod.namespace={WEB.namespace}"]),))
    result = run([WEB_TO_DB], DB_LETS_WEB_IN, workloads=(bare, *WORKLOADS[1:]))
    assert not result.policy("shop/db").left_out


def test_dns_servers_too_may_be_covered():
    anyone = {
        "fromEndpoints": [{"matchExpressions": [{"key": "k8s:io.kubernetes.pod.namespace", "operator": "Exists"}]}]
    }
    dns = cnp(
        "dns",
        namespace="kube-system",
        endpointSelector={"matchLabels": {"k8s-app": "kube-dns"}},
        ingress=[{**anyone, "toPorts": to_port("53", "ANY")}],
    )
    result = run([dns_edge(WEB), dns_edge(PROMETHEUS)], dns)
    assert rules(result.policy("kube-system/coredns"), Direction.INGRESS) == []
    assert not any(rule.baseline for rule in result.policy("kube-system/coredns").rules_for(Direction.INGRESS))
    assert result.proof.holds
    assert COREDNS.namespace == "kube-system"


@pytest.mark.parametrize(("last", "covered"), [(65535, True), (32000, False)])
def test_a_range_is_covered_only_if_all_of_it_is(last, covered):
    dynamic = [edge(WEB, DB, 31000 + 53 * number) for number in range(60)]
    opens = cnp(
        "db",
        endpointSelector=DB_LABELS,
        ingress=[
            {
                "fromEndpoints": [app("web")],
                "toPorts": [{"ports": [{"port": "30000", "endPort": last, "protocol": "TCP"}]}],
            }
        ],
    )
    result = run(dynamic, opens)
    db = result.policy("shop/db")
    ranges = [port for rule in rules(db, Direction.INGRESS) for port in rule.ports if port.end_port]
    left_out = [port for item in db.left_out for port in item.rule.ports if port.end_port]
    assert (bool(ranges), bool(left_out)) == (not covered, covered)
    assert result.proof.holds
