import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.model.connection import Outcome
from recommender.model.edge import Protocol
from recommender.model.policy import Direction
from tests.semantics.samples import address, app, ccnp, cnp, connection, entity, np, pod, policies, to_port


def test_the_deciding_policies_are_named():
    judged = policies(
        cnp("web", endpointSelector=app("web"), egress=[{"toEntities": ["all"]}]),
        np("open", ingress=[{"from": [{"podSelector": app("web")}]}]),
        ccnp("never", ingressDeny=[{"fromEntities": ["all"], "toPorts": to_port("22")}]),
    )
    allowed = judged.judge(connection(pod("web"), pod("db")))
    assert allowed.egress.decided_by == ("CiliumNetworkPolicy/shop/web",)
    assert allowed.ingress.decided_by == ("NetworkPolicy/shop/open",)
    denied = judged.judge(connection(pod("web"), pod("db"), port=22)).ingress
    assert (denied.outcome, denied.decided_by) == (Outcome.DENIED, ("CiliumClusterwideNetworkPolicy/never",))
    by_default = judged.judge(connection(pod("job"), pod("db"))).ingress
    assert (by_default.outcome, by_default.decided_by) == (Outcome.DENIED, ())
    assert judged.isolated_by(pod("db"), Direction.INGRESS) == (
        "CiliumClusterwideNetworkPolicy/never",
        "NetworkPolicy/shop/open",
    )
    assert judged.isolated_by(pod("db"), Direction.EGRESS) == ()


def test_ends_without_policies_of_their_own():
    judged = policies(ccnp(ingress=[{}], egress=[{}])).judge(connection(entity("remote-node"), address("192.0.2.7")))
    assert judged.egress.outcome is judged.ingress.outcome is Outcome.NOT_APPLICABLE


def test_policies_do_not_govern_pods_of_another_cluster():
    judged = policies(ccnp(ingress=[{}])).judge(connection(pod("web"), pod("db", cluster="far")))
    assert judged.ingress.outcome is Outcome.NOT_APPLICABLE


def test_a_deny_rule_stops_even_the_own_node():
    judged = policies(cnp(ingressDeny=[{"fromEntities": ["host"]}])).judge(connection(entity("host"), pod("web")))
    assert judged.ingress.outcome is Outcome.DENIED


def test_a_pod_to_itself():
    deny = np(policyTypes=["Ingress", "Egress"])
    assert policies(deny).judge(connection(pod("web"), pod("web"))).allowed
    assert not policies(deny, self_always_allowed=False).judge(connection(pod("web"), pod("web"))).allowed


def test_layer_7_beside_a_plain_allow_still_goes_to_the_proxy():
    http = [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"method": "GET"}]}}]
    judged = policies(cnp("http", ingress=[{"toPorts": http}]), cnp("plain", ingress=[{"fromEndpoints": [{}]}]))
    assert judged.judge(connection(pod("web"), pod("db"))).ingress.redirect
    assert not judged.judge(connection(pod("web"), pod("db"), port=81)).ingress.redirect


PODS = [pod(name, namespace=space) for name in ("web", "db") for space in ("shop", "pay")]
ENDS = [*PODS, address("192.0.2.7", "a.example.com"), address("2001:db8::1"), entity("host"), entity("remote-node")]
PEERS = {
    "Endpoints": [
        [],
        [{}],
        [app("web")],
        [{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]}],
    ],
    "Entities": [["world"], ["cluster"], ["all"], ["none"]],
    "CIDR": [["0.0.0.0/0"], ["192.0.2.0/24"], ["2001:db8::/32"]],
}
PORTS = [[], to_port("80"), to_port("0", "ANY"), [{"ports": [{"port": "70", "endPort": 90}]}]]


@st.composite
def rules(draw, prefix):
    rule = {}
    if kind := draw(st.sampled_from(["", *PEERS])):
        rule[f"{prefix}{kind}"] = draw(st.sampled_from(PEERS[kind]))
    if draw(st.booleans()):
        rule["toPorts"] = draw(st.sampled_from(PORTS))
    return rule


SUBJECTS = st.sampled_from([{}, app("web"), app("db")])
INGRESS, EGRESS = rules("from"), rules("to")
SPECS = st.fixed_dictionaries(
    {"endpointSelector": SUBJECTS, "ingress": st.lists(INGRESS, min_size=1, max_size=2)},
    optional={
        "egress": st.lists(EGRESS, max_size=2),
        "ingressDeny": st.lists(INGRESS, max_size=1),
        "egressDeny": st.lists(EGRESS, max_size=1),
        "enableDefaultDeny": st.just({"ingress": False}),
    },
)
DOCUMENTS = st.lists(st.tuples(st.sampled_from([cnp, ccnp]), SPECS), max_size=4).map(
    lambda made: [build(f"p{n}", **spec) for n, (build, spec) in enumerate(made)]
)
CONNECTIONS = st.builds(
    connection,
    st.sampled_from(ENDS),
    st.sampled_from(ENDS),
    port=st.sampled_from([1, 80, 85]),
    protocol=st.sampled_from(Protocol),
)


@settings(deadline=None)
@given(DOCUMENTS, SUBJECTS, INGRESS, EGRESS, CONNECTIONS)
def test_an_allow_rule_that_does_not_isolate_never_denies_more(documents, subject, ingress, egress, asked):
    more = ccnp(
        "more",
        endpointSelector=subject,
        ingress=[ingress],
        egress=[egress],
        enableDefaultDeny={"ingress": False, "egress": False},
    )
    assert not policies(*documents).judge(asked).allowed or policies(*documents, more).judge(asked).allowed


@settings(deadline=None)
@given(SPECS, INGRESS, CONNECTIONS)
def test_a_further_allow_rule_in_an_isolating_policy_never_denies_more(spec, rule, asked):
    before = policies(cnp(**spec)).judge(asked)
    after = policies(cnp(**{**spec, "ingress": [*spec["ingress"], rule]})).judge(asked)
    assert not before.allowed or after.allowed


@settings(deadline=None)
@given(DOCUMENTS, SUBJECTS, INGRESS, EGRESS, CONNECTIONS)
def test_a_deny_rule_never_allows_more(documents, subject, ingress, egress, asked):
    more = ccnp("more", endpointSelector=subject, ingressDeny=[ingress], egressDeny=[egress])
    assert policies(*documents).judge(asked).allowed or not policies(*documents, more).judge(asked).allowed


@settings(deadline=None)
@given(DOCUMENTS, st.randoms(use_true_random=False), CONNECTIONS)
def test_the_order_of_documents_does_not_matter(documents, random, asked):
    shuffled = list(documents)
    random.shuffle(shuffled)
    assert policies(*documents).judge(asked) == policies(*shuffled).judge(asked)


@settings(deadline=None)
@given(DOCUMENTS, st.lists(CONNECTIONS, max_size=8))
def test_what_was_judged_before_does_not_matter(documents, asked):
    memory = policies(*documents)
    assert [memory.judge(item) for item in asked] == [policies(*documents).judge(item) for item in asked]


@settings(deadline=None)
@given(DOCUMENTS, st.sampled_from(ENDS), st.sampled_from(ENDS), CONNECTIONS)
def test_ends_of_equal_standing_get_equal_answers(documents, one, other, asked):
    judged = policies(*documents, self_always_allowed=False)
    if judged.standing(one) == judged.standing(other):
        answers = {
            judged.judge(connection(end, asked.destination, port=asked.port, protocol=asked.protocol))
            for end in (one, other)
        }
        assert len(answers) == 1


@pytest.mark.parametrize("name", ["a.example.com", "b.example.com"])
def test_a_name_counts_only_where_the_same_endpoint_has_the_dns_rule(name):
    dns = {
        "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": [{"matchName": "a.example.com"}]}}]
    }
    fqdn = {"toFQDNs": [{"matchPattern": "*.example.com"}]}
    judged = policies(
        cnp("web", endpointSelector=app("web"), egress=[fqdn, dns]),
        cnp("db", endpointSelector=app("db"), egress=[fqdn]),
    )
    asked = connection(pod("web"), address("192.0.2.7", name))
    assert judged.judge(asked).allowed is (name == "a.example.com")
    assert not judged.judge(connection(pod("db"), address("192.0.2.7", name))).allowed
