import pytest

from recommender.errors import InvalidPolicyError
from recommender.model.connection import Outcome
from recommender.model.edge import Protocol
from tests.semantics.samples import address, app, connection, entity, np, pod, policies


def ingress(*rules, source, port=80, protocol=Protocol.TCP, **settings):
    judged = policies(np(ingress=list(rules)), **settings)
    return judged.judge(connection(source, pod("db"), port=port, protocol=protocol)).ingress.outcome


@pytest.mark.parametrize("protocol", list(Protocol))
def test_absent_ports_mean_every_protocol(protocol):
    assert ingress({"from": [{"podSelector": {}}]}, source=pod("web"), protocol=protocol) is Outcome.ALLOWED


@pytest.mark.parametrize(
    ("ports", "port", "protocol", "outcome"),
    [
        ([{"port": 80}], 80, Protocol.TCP, Outcome.ALLOWED),
        ([{"port": 80}], 80, Protocol.UDP, Outcome.DENIED),
        ([{"port": 80, "endPort": 90}], 90, Protocol.TCP, Outcome.ALLOWED),
        ([{"port": 80, "endPort": 90}], 91, Protocol.TCP, Outcome.DENIED),
        ([{"protocol": "UDP"}], 9999, Protocol.UDP, Outcome.ALLOWED),
        ([{"protocol": "UDP"}], 9999, Protocol.TCP, Outcome.DENIED),
        ([{"port": 80}, {"port": 81}], 81, Protocol.TCP, Outcome.ALLOWED),
    ],
)
def test_ports(ports, port, protocol, outcome):
    assert ingress({"ports": ports}, source=pod("web"), port=port, protocol=protocol) is outcome


def test_two_items_are_alternatives_and_two_selectors_in_one_item_are_not():
    foreign = pod("web", namespace="pay")
    by_namespace = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "pay"}}}
    assert ingress({"from": [{**by_namespace, "podSelector": app("web")}]}, source=foreign) is Outcome.ALLOWED
    assert ingress({"from": [{**by_namespace, "podSelector": app("db")}]}, source=foreign) is Outcome.DENIED
    assert ingress({"from": [by_namespace, {"podSelector": app("db")}]}, source=foreign) is Outcome.ALLOWED


def test_all_namespaces_means_pods_and_nothing_outside():
    rule = {"from": [{"namespaceSelector": {}}]}
    assert ingress(rule, source=pod("web", namespace="pay")) is Outcome.ALLOWED
    assert ingress(rule, source=address("192.0.2.7")) is Outcome.DENIED
    assert ingress(rule, source=entity("remote-node")) is Outcome.DENIED


def test_an_exception_only_narrows_its_own_block():
    block = {"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.0/25"]}}
    other = {"ipBlock": {"cidr": "192.0.2.7/32"}}
    assert ingress({"from": [block]}, source=address("192.0.2.7")) is Outcome.DENIED
    assert ingress({"from": [block]}, source=address("192.0.2.200")) is Outcome.ALLOWED
    assert ingress({"from": [block, other]}, source=address("192.0.2.7")) is Outcome.ALLOWED


def test_an_address_written_as_mapped_ipv6_is_the_ipv4_address():
    block = {"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}
    assert ingress(block, source=address("::ffff:192.0.2.7")) is Outcome.ALLOWED


def test_pods_of_another_cluster_are_no_peers_unless_the_agent_says_so():
    far = pod("web", cluster="far")
    assert ingress({"from": [{"podSelector": {}}]}, source=far) is Outcome.DENIED
    rule = {"from": [{"podSelector": {}}]}
    assert ingress(rule, source=far, peers_default_to_local_cluster=False) is Outcome.ALLOWED


def test_a_missing_egress_list_does_not_isolate_egress():
    judged = policies(np(egress=[])).judge(connection(pod("web"), pod("db")))
    assert (judged.egress.outcome, judged.ingress.outcome) == (Outcome.ALLOWED, Outcome.DENIED)


@pytest.mark.parametrize(
    "spec",
    [
        {"ingress": [{"fromEndpoints": []}]},
        {"ingress": [{"from": [{}]}]},
        {"ingress": [{"from": [{"podSelector": {}, "ipBlock": {"cidr": "192.0.2.0/24"}}]}]},
        {"ingress": [{"from": [{"ipBlock": {"cidr": "192.0.2.1"}}]}]},
        {"ingress": [{"from": [{"ipBlock": {"cidr": "192.0.2.0/33"}}]}]},
        {"ingress": [{"from": [{"ipBlock": {"cidr": "192.0.2.0/24", "except": ["198.51.100.0/25"]}}]}]},
        {"ingress": [{"from": [{"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.0/24"]}}]}]},
        {"ingress": [{"from": [{"ipBlock": {"except": ["192.0.2.0/25"]}}]}]},
        {"ingress": [{"ports": [{"port": 0}]}]},
        {"ingress": [{"ports": [{"port": 65536}]}]},
        {"ingress": [{"ports": [{"port": True}]}]},
        {"ingress": [{"ports": [{"port": "Not_A_Port"}]}]},
        {"ingress": [{"ports": [{"port": 90, "endPort": 80}]}]},
        {"ingress": [{"ports": [{"port": 80, "endPort": "90"}]}]},
        {"ingress": [{"ports": [{"port": "http", "endPort": 90}]}]},
        {"ingress": [{"ports": [{"endPort": 90}]}]},
        {"ingress": [{"ports": [{"port": 80, "protocol": "ICMP"}]}]},
        {"ingress": {"ports": []}},
        {"policyTypes": ["ingress"]},
        {"endpointSelector": {}},
    ],
)
def test_refusals(spec):
    with pytest.raises(InvalidPolicyError):
        policies(np(**spec))
