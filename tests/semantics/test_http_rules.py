import pytest

from recommender.errors import InvalidPolicyError
from recommender.model.connection import Outcome
from recommender.model.http_request import HttpRequest
from tests.semantics.samples import app, ccnp, cnp, connection, entity, np, pod, policies, to_port

WEB, API, JOB = pod("web"), pod("api"), pod("job")
CALL = connection(WEB, API, port=8080)


def asks(method="GET", path="/"):
    return HttpRequest(method=method, path=path)


def http(*rules, port="8080"):
    return [{"ports": [{"port": port, "protocol": "TCP"}], "rules": {"http": list(rules)}}]


def ingress(*rules, name="api", peer="web", **spec):
    item = {"fromEndpoints": [app(peer)], "toPorts": http(*rules)}
    return cnp(name, endpointSelector=app("api"), ingress=[item], **spec)


def passes(judged, request, call=CALL):
    return judged.judge_request(call, request).allowed


@pytest.mark.parametrize(
    ("rule", "request_", "expected"),
    [
        ({"method": "GET", "path": "/orders"}, asks("GET", "/orders"), True),
        ({"method": "GET", "path": "/orders"}, asks("POST", "/orders"), False),
        ({"method": "GET", "path": "/orders"}, asks("GET", "/orders/1"), False),
        ({"method": "GET", "path": "/orders"}, asks("GET", "/x/orders"), False),
        ({"method": "GET|POST", "path": "/orders/[0-9]+([?].*)?"}, asks("POST", "/orders/12"), True),
        ({"method": "GET", "path": "/orders/[0-9]+"}, asks("GET", "/orders/a"), False),
        ({"path": "/orders"}, asks("DELETE", "/orders"), True),
        ({"method": "GET"}, asks("GET", "/whatever"), True),
        ({}, asks("PUT", "/whatever"), True),
        ({"path": "/a.c"}, asks("GET", "/abc"), True),
        ({"path": "/a", "headers": ["X-Token: 1"]}, asks("GET", "/a"), False),
        ({"path": "/a", "host": "api"}, asks("GET", "/a"), False),
    ],
)
def test_both_expressions_must_match_in_full(rule, request_, expected):
    assert passes(policies(ingress(rule)), request_) is expected


def test_any_of_the_rules_of_an_item_may_match():
    judged = policies(ingress({"path": "/a"}, {"path": "/b"}))
    assert passes(judged, asks(path="/b"))
    assert not passes(judged, asks(path="/c"))


def test_rules_of_several_policies_add_up():
    judged = policies(ingress({"path": "/a"}, name="one"), ingress({"path": "/b"}, name="two"))
    assert passes(judged, asks(path="/a"))
    assert passes(judged, asks(path="/b"))
    assert not passes(judged, asks(path="/c"))


def test_a_rule_below_layer_7_beside_it_opens_every_request():
    """Cilium gives the narrower rule a wildcard when both are merged (`pkg/policy/rule.go`, mergePortProto)."""
    plain = {"fromEndpoints": [app("web")], "toPorts": to_port("8080")}
    beside = cnp("plain", endpointSelector=app("api"), ingress=[plain])
    assert passes(policies(ingress({"path": "/a"}), beside), asks(path="/c"))
    wide = ccnp("wide", endpointSelector=app("api"), ingress=[{"fromEntities": ["all"]}])
    assert passes(policies(ingress({"path": "/a"}), wide), asks(path="/c"))


def test_a_rule_for_another_peer_or_port_opens_nothing():
    other_peer = cnp("job", endpointSelector=app("api"), ingress=[{"fromEndpoints": [app("job")]}])
    other_port = cnp(
        "port", endpointSelector=app("api"), ingress=[{"fromEndpoints": [app("web")], "toPorts": to_port("9090")}]
    )
    judged = policies(ingress({"path": "/a"}), other_peer, other_port)
    assert not passes(judged, asks(path="/c"))
    assert passes(judged, asks(path="/c"), connection(JOB, API, port=8080))


def test_each_side_asks_for_itself():
    egress = cnp(
        "web", endpointSelector=app("web"), egress=[{"toEndpoints": [app("api")], "toPorts": http({"path": "/b"})}]
    )
    judged = policies(ingress({"path": "/a|/b"}), egress)
    answer = judged.judge_request(CALL, asks(path="/a"))
    assert (answer.egress.outcome, answer.ingress.outcome) == (Outcome.DENIED, Outcome.ALLOWED)
    assert passes(judged, asks(path="/b"))


def test_a_denied_connection_carries_no_request():
    judged = policies(ingress({}), np(policyTypes=["Egress"], egress=[]))
    assert judged.judge_request(CALL, asks()).egress.outcome is Outcome.DENIED


def test_an_http_rule_narrows_also_where_nothing_isolates():
    open_policy = ingress({"path": "/a"}, enableDefaultDeny={"ingress": False, "egress": False})
    judged = policies(open_policy)
    assert not passes(judged, asks(path="/c"))
    assert passes(judged, asks(path="/c"), connection(JOB, API, port=8080))


def test_the_own_node_is_never_asked():
    judged = policies(ingress({"path": "/a"}))
    assert passes(judged, asks(path="/healthz"), connection(entity("host"), API, port=8080))


def test_expressions_are_re2_as_in_envoy():
    with pytest.raises(InvalidPolicyError, match="not a regular expression"):
        policies(ingress({"path": "/(?=x)"}))
    hostile = "(a+)+" * 8
    assert not passes(policies(ingress({"path": f"/{hostile}"})), asks(path="/" + "a" * 2000 + "!"))
