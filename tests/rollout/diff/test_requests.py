from recommender.rollout.diff.requests import request_changes
from tests.rollout.diff.scene import comparison
from tests.semantics.samples import app, cnp


def serving(*rules):
    ports = [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": list(rules)}}]
    return cnp("db", endpointSelector=app("db"), ingress=[{"fromEndpoints": [app("web")], "toPorts": ports}])


def test_rules_that_come_and_go_are_told_by_pair_and_port():
    old = serving({"method": "GET", "path": "/items"}, {"method": "GET", "path": "/old"})
    new = serving({"method": "GET", "path": "/items"}, {"method": "POST"})
    (change,) = request_changes(comparison([old], [new]))
    assert (change.source, change.destination, change.port) == ("shop/Deployment/web", "shop/Deployment/db", "TCP/80")
    assert (change.gained, change.lost) == (("POST any path",), ("GET /old",))


def test_equal_rules_in_another_order_are_no_change():
    one, two = {"method": "GET", "path": "/a"}, {"method": "GET", "path": "/b"}
    assert request_changes(comparison([serving(one, two)], [serving(two, one)])) == ()


def test_a_plain_rule_beside_the_filter_opens_every_request():
    filtered = serving({"method": "GET"})
    plain = cnp(
        "more",
        endpointSelector=app("db"),
        ingress=[{"fromEndpoints": [app("web")], "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}]}],
    )
    changes = request_changes(comparison([filtered], [filtered, plain]))
    assert [change.gained for change in changes] == [("every request",)]
