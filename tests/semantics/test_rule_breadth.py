import pytest

from recommender.model.existing import Opening
from recommender.model.policy import Direction
from recommender.semantics import PolicySet, SemanticsSettings
from recommender.semantics.reading import read_documents
from recommender.semantics.rule_breadth import opening_of, port_count
from tests.semantics.samples import app, ccnp, cnp, np, to_port


def compiled(document, direction=Direction.INGRESS):
    sections = read_documents([document], SemanticsSettings())
    [section] = [section for section in sections if section.direction is direction]
    [rule] = section.rules
    return rule


NAMESPACE = "k8s:io.kubernetes.pod.namespace"


@pytest.mark.parametrize(
    ("rule", "opening"),
    [
        ({"fromEntities": ["all"]}, Opening.ANYWHERE),
        ({"fromEntities": ["world"]}, Opening.ANYWHERE),
        ({"fromCIDR": ["0.0.0.0/0"]}, Opening.ANYWHERE),
        ({"fromCIDR": ["10.0.0.0/8"]}, Opening.ANYWHERE),
        ({"fromCIDR": ["203.0.113.0/24"]}, Opening.CHOSEN),
        ({"toPorts": to_port("80")}, Opening.ANYWHERE),
        ({"fromEntities": ["cluster"]}, Opening.CLUSTER),
        ({"fromEntities": ["remote-node"]}, Opening.CLUSTER),
        ({"fromEntities": ["kube-apiserver"]}, Opening.CHOSEN),
        ({"fromEndpoints": [{}]}, Opening.NAMESPACE),
        ({"fromEndpoints": [{"matchExpressions": [{"key": NAMESPACE, "operator": "Exists"}]}]}, Opening.CLUSTER),
        ({"fromEndpoints": [{"matchLabels": {NAMESPACE: "shop"}}]}, Opening.NAMESPACE),
        ({"fromEndpoints": [app("web")]}, Opening.CHOSEN),
        (
            {"fromEndpoints": [{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]}]},
            Opening.NAMESPACE,
        ),
        ({"fromEndpoints": [app("web"), {}]}, Opening.NAMESPACE),
    ],
)
def test_how_far_a_cilium_rule_opens(rule, opening):
    assert opening_of(compiled(cnp("a", ingress=[rule])).peers) is opening


@pytest.mark.parametrize(
    ("peers", "opening"),
    [
        ({}, Opening.ANYWHERE),
        ({"from": [{"namespaceSelector": {}}]}, Opening.CLUSTER),
        ({"from": [{"podSelector": {}}]}, Opening.NAMESPACE),
        ({"from": [{"namespaceSelector": {}, "podSelector": app("web")}]}, Opening.CHOSEN),
    ],
)
def test_how_far_a_network_policy_rule_opens(peers, opening):
    assert opening_of(compiled(np("a", ingress=[peers])).peers) is opening


@pytest.mark.parametrize(("pattern", "opening"), [("*", Opening.ANYWHERE), ("*.example.com", Opening.CHOSEN)])
def test_how_far_names_open(pattern, opening):
    rule = compiled(ccnp("a", egress=[{"toFQDNs": [{"matchPattern": pattern}]}]), Direction.EGRESS)
    assert opening_of(rule.peers) is opening


@pytest.mark.parametrize(
    ("ports", "count"),
    [
        ({}, 0),
        ({"ports": [{"port": 80}]}, 1),
        ({"ports": [{"port": 80}, {"port": "http"}]}, 2),
        ({"ports": [{"port": 80, "endPort": 89}]}, 10),
        ({"ports": [{"protocol": "TCP"}]}, 0),
    ],
)
def test_how_many_ports_a_rule_opens(ports, count):
    assert port_count(compiled(np("a", ingress=[{"from": [{"podSelector": {}}], **ports}])).ports) == count


def test_nobody_is_the_narrowest():
    assert opening_of(()) is Opening.CHOSEN
    assert PolicySet.parse([], namespaces={}).policies == frozenset()
