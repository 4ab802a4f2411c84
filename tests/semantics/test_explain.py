import pytest

from recommender.model.connection import Outcome
from recommender.model.explanation import Basis, RuleAction
from recommender.semantics.explain import explain
from tests.semantics.samples import address, app, ccnp, cnp, connection, entity, np, pod, policies, to_port


def said(*documents, source=None, destination=None, port=80, **settings):
    judged = policies(*documents, **settings)
    return explain(judged, connection(source or pod("web"), destination or pod("db"), port=port))


WEB_ONLY = cnp(
    "db",
    endpointSelector=app("db"),
    ingress=[
        {"fromEndpoints": [app("api")]},
        {"fromEndpoints": [app("web")], "toPorts": [*to_port("80"), *to_port("90")]},
    ],
)


def test_the_rule_that_allows_is_named_with_its_item_of_ports():
    found = said(WEB_ONLY, port=90).ingress
    assert (found.outcome, found.basis, found.rules_of_end) == (Outcome.ALLOWED, Basis.RULE, 3)
    assert [(rule.policy, rule.path, rule.action) for rule in found.rules] == [
        ("CiliumNetworkPolicy/shop/db", "spec.ingress[1].toPorts[1]", RuleAction.ALLOW)
    ]


def test_default_deny_names_who_isolates_and_what_came_close():
    found = said(WEB_ONLY, port=81).ingress
    assert (found.outcome, found.basis) == (Outcome.DENIED, Basis.DEFAULT_DENY)
    assert found.isolated_by == ("CiliumNetworkPolicy/shop/db",)
    assert [miss.rule.path for miss in found.near_misses] == [
        "spec.ingress[1].toPorts[0]",
        "spec.ingress[1].toPorts[1]",
    ]


def test_a_deny_rule_is_named_before_the_allow_it_beats():
    denying = ccnp("never", ingressDeny=[{"fromEndpoints": [{}]}])
    found = said(WEB_ONLY, denying).ingress
    assert [(rule.policy, rule.path, rule.action) for rule in found.rules] == [
        ("CiliumClusterwideNetworkPolicy/never", "spec.ingressDeny[0]", RuleAction.DENY)
    ]


def test_a_name_that_no_dns_rule_shows_is_a_near_miss():
    named = {"toFQDNs": [{"matchName": "api.example.com"}], "toPorts": to_port("443")}
    target = address("192.0.2.1", "api.example.com")
    found = said(cnp(egress=[named]), destination=target, port=443).egress
    assert found.outcome is Outcome.DENIED
    assert "rules.dns" in found.near_misses[0].reason
    assert found.near_misses[0].rule.path == "spec.egress[0]"


@pytest.mark.parametrize(
    ("documents", "ends", "basis"),
    [
        ((), {}, Basis.NOT_SELECTED),
        ((np(),), {"source": entity("host")}, Basis.OWN_NODE),
        ((WEB_ONLY,), {"destination": entity("kube-apiserver")}, Basis.NO_SUBJECT),
        ((), {"destination": entity("init")}, Basis.ALWAYS_ISOLATED),
        ((np(),), {"source": pod("db")}, Basis.SAME_POD),
        (
            (cnp(ingress=[{"fromEntities": ["host"]}], enableDefaultDeny={"ingress": False}),),
            {},
            Basis.NOT_ISOLATED,
        ),
    ],
)
def test_why_no_rule_was_needed(documents, ends, basis):
    assert said(*documents, **ends).ingress.basis is basis
