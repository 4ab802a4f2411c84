"""From Calico's documentation ("Network policy", "Global network policy", "Tier") and the source of its conversions."""

import pytest

from recommender.errors import InvalidPolicyError
from recommender.model.connection import Outcome, PodEndpoint
from recommender.model.edge import Protocol
from recommender.model.explanation import Basis, RuleAction
from recommender.semantics import PolicySet
from recommender.semantics.explain import explain
from tests.semantics.calico_samples import allow, calico, calico_global, deny, network_set, tier
from tests.semantics.samples import address, app, cnp, connection, entity, np, pod, policies
from tests.semantics.test_cluster_network_policy import rule as cluster_rule
from tests.semantics.test_cluster_network_policy import tiered

WEB, API = {"selector": "app == 'web'"}, {"selector": "app == 'api'"}
ON_80 = {"protocol": "TCP", "destination": {"ports": [80]}}


def ingress(*documents, source=None, port=80, protocol=Protocol.TCP):
    judged = policies(*documents).judge(connection(source or pod("web"), pod("db"), port=port, protocol=protocol))
    return judged.ingress.outcome


def egress(*documents, destination, port=443, protocol=Protocol.TCP):
    judged = policies(*documents).judge(connection(pod("web"), destination, port=port, protocol=protocol))
    return judged.egress.outcome


def allowed(*documents, **asked):
    return ingress(*documents, **asked) is Outcome.ALLOWED


def sends(*documents, **asked):
    return egress(*documents, **asked) is Outcome.ALLOWED


def test_a_policy_isolates_what_it_selects_in_its_types_only():
    closed = calico(selector="app == 'db'", types=["Ingress"])
    assert not allowed(closed)
    judged = policies(closed).judge(connection(pod("db"), pod("web")))
    assert judged.egress.outcome is judged.ingress.outcome is Outcome.ALLOWED
    assert allowed(calico(namespace="data", types=["Ingress"]))


@pytest.mark.parametrize(
    ("rules", "into", "out"),
    [
        ({}, False, True),
        ({"ingress": [deny()]}, False, True),
        ({"egress": [deny()]}, True, False),
        ({"ingress": [deny()], "egress": [deny()]}, False, False),
        ({"types": ["Egress"], "ingress": [deny()]}, True, False),
    ],
)
def test_types_follow_from_the_rules_unlike_those_of_networkpolicy(rules, into, out):
    judged = policies(calico(**rules)).judge(connection(pod("web"), pod("db")))
    assert (judged.ingress.outcome is Outcome.ALLOWED, judged.egress.outcome is Outcome.ALLOWED) == (into, out)


def test_the_first_rule_that_matches_decides():
    assert not allowed(calico(ingress=[deny(source=WEB), allow()]))
    assert allowed(calico(ingress=[deny(source=WEB), allow()]), source=pod("api"))
    assert allowed(calico(ingress=[allow(), deny(source=WEB)]))


def test_log_decides_nothing():
    assert allowed(calico(ingress=[{"action": "Log"}, allow()]))
    assert not allowed(calico(ingress=[{"action": "Log"}]))


def test_policies_go_by_order_then_name_and_no_order_is_last():
    early, late = calico("b", order=1, ingress=[deny()]), calico("a", order=2.5, ingress=[allow()])
    assert not allowed(late, early)
    assert allowed(calico("a", order=1, ingress=[allow()]), early)
    assert not allowed(calico("z", ingress=[allow()]), calico_global("z", order=10**9, ingress=[deny()]))
    assert allowed(calico("z", ingress=[allow()]), calico_global("zz", ingress=[deny()]))


def test_networkpolicies_stand_at_order_1000_of_the_default_tier():
    opened = np("open", ingress=[{}])
    assert allowed(opened)
    assert not allowed(opened, calico_global(order=999, ingress=[deny()]))
    assert allowed(opened, calico_global(order=1001, ingress=[deny()]))
    assert not allowed(np("close"), calico_global(order=999, ingress=[allow(source=API)]))
    assert allowed(np("close"), calico_global(order=1001, ingress=[allow(source=WEB)]))


def test_pass_leaves_the_tier_and_the_namespaces_profile_allows():
    passing = calico(ingress=[{"action": "Pass", "source": WEB}, deny()])
    assert allowed(passing)
    assert not allowed(passing, source=pod("api"))
    said = explain(policies(passing), connection(pod("web"), pod("db"))).ingress
    assert (said.basis, said.outcome) == (Basis.PASSED, Outcome.ALLOWED)
    assert [(one.action, one.tier, one.path) for one in said.passed_by] == [
        (RuleAction.PASS, "default", "spec.ingress[0]")
    ]


def test_tiers_go_by_their_order_and_deny_what_they_leave_undecided():
    first, lax = tier("first", order=10), tier("first", order=10, defaultAction="Pass")
    early = calico_global("e", tier="first", ingress=[{"action": "Pass", "source": WEB}, allow(source=API)])
    late = calico(ingress=[allow(source={"selector": "app in {'web', 'job'}"})])
    assert allowed(first, early, late)
    assert allowed(first, early, late, source=pod("api"))
    assert not allowed(first, early, late, source=pod("job"))
    assert allowed(lax, early, late, source=pod("job"))
    assert not allowed(lax, early, late, source=pod("other"))
    assert not allowed(tier("last"), calico_global("l", tier="last", ingress=[allow()]), calico())


def test_cluster_network_policies_stand_before_and_after_the_default_tier():
    admin = tiered(ingress=[cluster_rule("Deny")])
    assert not allowed(admin, calico(ingress=[allow()]))
    assert allowed(admin, calico(ingress=[allow()]), tier("own", order=5), calico("o", tier="own", ingress=[allow()]))
    baseline = tiered(tier="Baseline", ingress=[cluster_rule("Deny")])
    assert allowed(baseline, calico(ingress=[allow()]))
    assert not allowed(baseline, calico(ingress=[{"action": "Pass"}]))


def test_selectors_of_a_networkpolicy_stay_in_its_namespace_unless_others_are_named():
    inside = calico(ingress=[allow(source=WEB)])
    assert allowed(inside)
    assert not allowed(inside, source=pod("web", namespace="data"))
    named = calico(ingress=[allow(source={**WEB, "namespaceSelector": "projectcalico.org/name == 'data'"})])
    assert allowed(named, source=pod("web", namespace="data"))
    assert not allowed(named)
    anywhere = calico(ingress=[allow(source={**WEB, "namespaceSelector": "all()"})])
    assert allowed(anywhere, source=pod("web", namespace="data"))
    by_label = calico(ingress=[allow(source={"namespaceSelector": "kubernetes.io/metadata.name in {'data'}"})])
    assert allowed(by_label, source=pod("api", namespace="data"))


def test_selectors_of_a_globalnetworkpolicy_mean_all_namespaces():
    everywhere = calico_global(selector="app == 'db'", ingress=[allow(source=WEB)])
    assert allowed(everywhere, source=pod("web", namespace="data"))
    shop = calico_global(namespaceSelector="kubernetes.io/metadata.name == 'shop'", ingress=[deny()])
    assert not allowed(shop)
    assert policies(shop).judge(connection(pod("web"), pod("db", namespace="data"))).allowed


def test_namespace_labels_are_read_in_both_ways():
    namespaces = {"shop": {}, "data": {"team": "red"}}
    for entity_rule in ({"namespaceSelector": "team == 'red'"}, {"selector": "pcns.team == 'red'"}):
        documents = [calico_global(selector="app == 'db'", ingress=[allow(source=entity_rule)])]
        judged = PolicySet.parse(documents, namespaces=namespaces)
        assert judged.judge(connection(pod("web", namespace="data"), pod("db"))).allowed
        assert not judged.judge(connection(pod("web"), pod("db"))).allowed


def test_labels_that_calico_adds_are_known_and_those_that_cilium_adds_are_not():
    for selector, answer in {
        "projectcalico.org/namespace == 'shop'": True,
        "projectcalico.org/serviceaccount == 'default'": True,
        "projectcalico.org/orchestrator == 'k8s'": True,
        "has(io.kubernetes.pod.namespace)": False,
        "has(io.cilium.k8s.policy.serviceaccount)": False,
    }.items():
        assert allowed(calico(ingress=[allow(source={"selector": selector})])) is answer, selector


def test_a_selector_means_endpoints_and_a_negative_one_everything_else():
    positive = calico_global(selector="app == 'db'", ingress=[allow(source={"selector": "!has(missing)"})])
    negative = calico_global(selector="app == 'db'", ingress=[allow(source={"notSelector": "app == 'web'"})])
    assert allowed(positive)
    assert not allowed(positive, source=address("203.0.113.5"))
    assert not allowed(positive, source=entity("remote-node"))
    assert not allowed(negative)
    for source in (pod("api"), address("203.0.113.5"), entity("remote-node")):
        assert allowed(negative, source=source)


def test_a_negative_selector_of_a_networkpolicy_still_keeps_to_its_namespace():
    negative = calico(ingress=[allow(source={"notSelector": "app == 'web'"})])
    assert allowed(negative, source=pod("api"))
    assert not allowed(negative)
    assert not allowed(negative, source=pod("api", namespace="data"))
    assert not allowed(negative, source=address("203.0.113.5"))


def test_what_is_no_pod_can_be_said_globally_only():
    outside = calico_global(egress=[allow(destination={"notSelector": "projectcalico.org/orchestrator == 'k8s'"})])
    for destination in (address("203.0.113.5"), entity("remote-node"), entity("kube-apiserver"), entity("host")):
        assert sends(outside, destination=destination)
    assert not sends(outside, destination=pod("api", namespace="data"))


def test_nets_match_pods_by_their_addresses_too():
    inside = calico(egress=[allow(destination={"nets": ["10.0.0.0/8"], "notNets": ["10.9.0.0/16"]})])
    for text, answer in (("10.1.2.3", True), ("10.9.1.1", False), ("192.0.2.1", False)):
        assert sends(inside, destination=address(text)) is answer
        somewhere = PodEndpoint(namespace="data", name="x", labels=(), addresses=(text,))
        assert sends(inside, destination=somewhere) is answer
    assert not sends(inside, destination=pod("api"))
    assert sends(calico(egress=[allow(destination={"nets": ["0.0.0.0/0"]})]), destination=pod("api"))


def test_all_conditions_of_an_end_must_hold():
    both = calico_global(egress=[allow(destination={"nets": ["192.0.2.0/24"], "notSelector": "has(app)"})])
    assert sends(both, destination=address("192.0.2.9"))
    assert not sends(both, destination=address("203.0.113.9"))
    assert not sends(both, destination=PodEndpoint(namespace="a", name="b", labels=(("app", "x"),), addresses=()))


def test_an_ip_version_bounds_addresses():
    six = calico(egress=[allow(ipVersion=6)])
    assert sends(six, destination=address("2001:db8::1"))
    assert not sends(six, destination=address("203.0.113.1"))


def test_network_sets_are_found_by_their_labels():
    outside = network_set("partners", "203.0.113.0/24", role="partner")
    rule = allow(destination={"selector": "role == 'partner'", "namespaceSelector": "global()"})
    assert sends(calico(egress=[rule]), outside, destination=address("203.0.113.7"))
    assert not sends(calico(egress=[rule]), outside, destination=address("198.51.100.7"))
    assert not sends(calico(egress=[rule]), destination=address("203.0.113.7"))
    own_only = allow(destination={"selector": "role == 'partner'"})
    assert not sends(calico(egress=[own_only]), outside, destination=address("203.0.113.7"))
    own = network_set("partners", "203.0.113.0/24", namespace="shop", role="partner")
    assert sends(calico(egress=[own_only]), own, destination=address("203.0.113.7"))
    assert not sends(calico(egress=[own_only]), {**own, "metadata": {**own["metadata"], "namespace": "data"}},
                     destination=address("203.0.113.7"))  # fmt: skip
    everywhere = calico_global(egress=[own_only])
    assert sends(everywhere, outside, destination=address("203.0.113.7"))
    denied = calico_global(egress=[allow(destination={"notSelector": "role == 'partner'"})])
    assert not sends(denied, outside, destination=address("203.0.113.7"))


def test_service_accounts_are_chosen_by_name():
    robot = pod("web", service_account="robot")
    for accounts in ({"names": ["robot"]}, {"selector": "projectcalico.org/name == 'robot'"}):
        chosen = calico(ingress=[allow(source={"serviceAccounts": accounts})])
        assert allowed(chosen, source=robot)
        assert not allowed(chosen)
        assert not allowed(chosen, source=pod("web", namespace="data", service_account="robot"))
    subject = calico(serviceAccountSelector="projectcalico.org/name == 'robot'", ingress=[deny()])
    assert allowed(subject)
    assert not policies(subject).judge(connection(pod("api"), robot)).allowed


@pytest.mark.parametrize(
    ("rule", "open_to"),
    [
        ({"protocol": "TCP", "destination": {"ports": [80, "8000:8080", "443"]}}, {80, 443, 8000, 8080}),
        ({"protocol": "tcp", "destination": {"notPorts": [80, "8000:8079"]}}, {443, 8080, 22}),
        ({"protocol": "TCP", "destination": {"ports": ["1:65535"], "notPorts": [22]}}, {80, 443, 8000, 8080}),
        ({"protocol": 6}, {22, 80, 443, 8000, 8080}),
        ({"notProtocol": "UDP"}, {22, 80, 443, 8000, 8080}),
        ({"protocol": "UDP"}, set()),
        ({"protocol": "UDPLite"}, set()),
        ({"protocol": 47}, set()),
        ({"protocol": "TCP", "notProtocol": "TCP"}, set()),
    ],
)
def test_ports_and_protocols(rule, open_to):
    found = {port for port in (22, 80, 443, 8000, 8080) if allowed(calico(ingress=[allow(**rule)]), port=port)}
    assert found == open_to


def test_named_ports_are_the_destinations_own():
    named = calico(egress=[allow(protocol="TCP", destination={"ports": ["http"]})])
    assert sends(named, destination=pod("api", named_ports=(("http", "TCP", 8080),)), port=8080)
    assert not sends(named, destination=pod("api"), port=8080)


def test_icmp_types():
    ping = calico(ingress=[allow(protocol="ICMP", icmp={"type": 8})])
    assert allowed(ping, protocol=Protocol.ICMP, port=8)
    assert not allowed(ping, protocol=Protocol.ICMP, port=3)
    assert not allowed(ping, protocol=Protocol.ICMPV6, port=8)
    others = calico(ingress=[allow(protocol="ICMPv6", notICMP={"type": 128})])
    assert not allowed(others, protocol=Protocol.ICMPV6, port=128)
    assert allowed(others, protocol=Protocol.ICMPV6, port=129)
    assert allowed(calico(ingress=[allow(protocol="ICMP")]), protocol=Protocol.ICMP, port=255)


def test_a_rule_may_narrow_whom_it_is_about():
    narrowed = calico(ingress=[deny(destination={"selector": "app == 'db'"}), allow()])
    assert not allowed(narrowed)
    assert policies(narrowed).judge(connection(pod("web"), pod("cache"))).allowed
    but = calico_global(egress=[deny(source={"notSelector": "app == 'web'"}), allow()])
    assert sends(but, destination=address("203.0.113.1"))
    assert not policies(but).judge(connection(pod("api"), pod("db"))).allowed


def test_the_api_servers_service_is_its_entity_on_its_ports():
    rule = allow(protocol="TCP", destination={"services": {"name": "kubernetes", "namespace": "default"}})
    for port, answer in ((6443, True), (443, True), (10250, False)):
        assert sends(calico(egress=[rule]), destination=entity("kube-apiserver"), port=port) is answer
    assert not sends(calico(egress=[rule]), destination=entity("remote-node"), port=6443)
    assert not sends(calico(egress=[{**rule, "protocol": "UDP"}]), destination=entity("kube-apiserver"), port=443)
    hook = allow(source={"services": {"name": "kubernetes", "namespace": "default"}}, **ON_80)
    assert allowed(calico(ingress=[hook]), source=entity("kube-apiserver"))
    assert not allowed(calico(ingress=[hook]), source=entity("remote-node"))


def test_the_own_node_reaches_its_pods_whatever_is_denied():
    closed = calico(ingress=[deny()])
    judged = policies(closed)
    assert judged.judge(connection(entity("host"), pod("db"))).allowed
    said = explain(judged, connection(entity("host"), pod("db"))).ingress
    assert (said.basis, said.outcome) == (Basis.OWN_NODE, Outcome.ALLOWED)
    assert not judged.judge(connection(entity("remote-node"), pod("db"))).allowed
    assert not sends(calico(egress=[deny()]), destination=entity("host"))


def test_pods_of_other_clusters_are_no_endpoints_and_ciliums_own_are_no_subjects():
    everyone = calico_global(ingress=[allow(source={"selector": "all()"})])
    assert allowed(everyone)
    assert not allowed(everyone, source=pod("web", cluster="far"))
    judged = policies(everyone).judge(connection(pod("web"), entity("init")))
    assert judged.ingress.outcome is Outcome.NOT_APPLICABLE


def test_host_policies_say_nothing_about_pods():
    assert allowed(calico_global(preDNAT=True, applyOnForward=True, ingress=[deny()]))
    assert allowed(calico_global(doNotTrack=True, applyOnForward=True, ingress=[deny()]))
    assert not allowed(calico_global(applyOnForward=True, ingress=[deny()]))


def test_the_deciding_rule_is_named_with_its_place():
    judged = policies(calico("open", ingress=[{"action": "Log"}, allow(source=WEB)]))
    said = explain(judged, connection(pod("web"), pod("db"))).ingress
    assert [(one.policy, one.path, one.tier) for one in said.rules] == [
        ("NetworkPolicy.projectcalico.org/shop/open", "spec.ingress[1]", "default")
    ]
    assert judged.policies == frozenset({"NetworkPolicy.projectcalico.org/shop/open"})


def test_policies_of_both_apis_may_bear_one_name():
    judged = policies(np("p", ingress=[{}]), calico("p", ingress=[deny()]))
    assert judged.judge(connection(pod("web"), pod("db"))).allowed


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (calico(selector="app = 'x'"), "is no selector"),
        (calico(ingress=[{}]), "action is missing"),
        (calico(ingress=[{"action": "Accept"}]), "unsupported value"),
        (calico(types=["Ingress", "Ingress"]), "given twice"),
        (calico(types=["ingress"]), "unsupported value"),
        (calico(order="1"), "must be a number"),
        (calico(order=True), "must be a number"),
        (calico(namespaceSelector="all()"), 'unknown field "namespaceSelector"'),
        (calico(tier="mine"), "order of tier"),
        (calico(selector="global()"), "only for a rule's namespaceSelector"),
        (calico(ingress=[allow(source={"selector": "global()"})]), "only for a rule's namespaceSelector"),
        (calico(ingress=[allow(source={"namespaceSelector": "global() || all()"})]), "cannot be used with other"),
        (calico(ingress=[allow(destination={"ports": [80]})]), "need a protocol"),
        (calico(ingress=[allow(protocol="ICMP", destination={"ports": [80]})]), "need a protocol"),
        (calico(ingress=[allow(protocol="TCP", destination={"ports": [0]})]), "between 1 and 65535"),
        (calico(ingress=[allow(protocol="TCP", destination={"ports": ["90:80"]})]), "between 1 and 65535"),
        (calico(ingress=[allow(protocol="TCP", destination={"ports": ["a b"]})]), "no port"),
        (calico(ingress=[allow(protocol="TCP", destination={"notPorts": ["http"]})]), "cannot be judged"),
        (calico(ingress=[allow(protocol="TCP", destination={"ports": ["a"], "notPorts": [1]})]), "cannot be judged"),
        (calico(ingress=[allow(protocol="HTTP")]), "no protocol"),
        (calico(ingress=[allow(protocol=256)]), "between 1 and 255"),
        (calico(ingress=[allow(icmp={"type": 8})]), "need protocol ICMP"),
        (calico(ingress=[allow(protocol="ICMP", icmp={"code": 1})]), "needs a type"),
        (calico(ingress=[allow(protocol="ICMP", icmp={"type": 3, "code": 1})]), "cannot be judged"),
        (calico(ingress=[allow(protocol="ICMP", icmp={"type": 255})]), "between 0 and 254"),
        (calico(ingress=[allow(ipVersion=5)]), "must be 4 or 6"),
        (calico(ingress=[allow(source={"nets": ["10.0.0.1"]})]), "mask is missing"),
        (calico(ingress=[allow(source={"ports": [80]}, protocol="TCP")]), "source ports"),
        (calico(ingress=[allow(destination={"nets": ["10.0.0.0/8"]})]), "own end"),
        (calico(ingress=[allow(http={"methods": ["GET"]})]), "application layer"),
        (calico(egress=[allow(destination={"domains": ["example.com"]})]), "Calico Enterprise"),
        (calico(egress=[allow(destination={"services": {"name": "db"}})]), "not known here"),
        (calico_global(egress=[allow(destination={"services": {"name": "kubernetes"}})]), "must specify a namespace"),
        (
            calico(egress=[allow(destination={"services": {"name": "kubernetes", "namespace": "default"}, **WEB})]),
            "cannot be combined",
        ),
        (
            calico(
                egress=[
                    allow(
                        protocol="TCP",
                        destination={"services": {"name": "kubernetes", "namespace": "default"}, "ports": [443]},
                    )
                ]
            ),
            "beside services",
        ),
        (calico(ingress=[allow(source={"serviceAccounts": {"selector": "team == 'x'"}})]), "not known here"),
        (calico_global(preDNAT=True, ingress=[deny()]), "applyOnForward"),
        (calico_global(preDNAT=True, doNotTrack=True, applyOnForward=True), "cannot both be true"),
        (calico_global(preDNAT=True, applyOnForward=True, egress=[deny()]), "cannot have egress"),
        (tier("t", order="x"), "must be a number"),
        (tier("t", defaultAction="Allow"), "unsupported value"),
        (network_set("n", "203.0.113.0"), "mask is missing"),
        (
            {**calico(), "apiVersion": "crd.projectcalico.org/v1"},
            "must be networking.k8s.io/v1 or projectcalico.org/v3",
        ),
        ({**calico(), "kind": "StagedNetworkPolicy"}, "not a policy that can be judged"),
    ],
)
def test_what_calico_refuses_or_nobody_can_judge_is_refused_with_the_reason(document, reason):
    with pytest.raises(InvalidPolicyError, match=reason):
        policies(document)


def test_policies_of_two_cnis_are_refused():
    with pytest.raises(InvalidPolicyError, match="never in force together"):
        policies(calico(), cnp(ingress=[{"fromEndpoints": [app("web")]}]))
