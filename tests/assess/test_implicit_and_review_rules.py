import pytest

from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd, OrientationReason, Protocol
from recommender.model.entity import Entity
from tests.assess.builders import DB, HOST, IMPLICIT, NEEDED, REVIEW, WEB, capture, decision, edge, end, workload

HEALTH = EntityEnd(entity=Entity.HEALTH)


def test_probes_of_the_own_node_are_implicit():
    assert decision(edge(client=HOST, port=8080)).disposition is IMPLICIT


@pytest.mark.parametrize(
    ("from_own_node", "probed", "expected"), [(100, 8080, IMPLICIT), (100, 8081, NEEDED), (99, 8080, NEEDED)]
)
def test_probes_of_a_control_planes_own_kubelet_are_implicit(from_own_node, probed, expected):
    """Told by hosts of other nodes on the same port, and by coming from the own node only."""
    one = edge(client=EntityEnd(entity=Entity.KUBE_APISERVER), port=8080, from_own_node=from_own_node)
    assert decision(one, edge(client=HOST, port=probed)).disposition is expected


def test_other_nodes_are_judged_by_their_own_evidence():
    """Beside probes too: a rule for remote nodes is neither given to the kubelet nor taken from who needs it."""
    remote = edge(client=EntityEnd(entity=Entity.REMOTE_NODE), port=8080)
    assert decision(remote, edge(client=HOST, port=8080)).disposition is NEEDED


def test_traffic_to_the_node_is_not():
    assert decision(edge(server=HOST, port=9100)).disposition is NEEDED


@pytest.mark.parametrize("ends", [(HEALTH, WEB), (WEB, HEALTH)])
def test_health_checks_are_implicit_both_ways(ends):
    assert decision(edge(*ends, port=4240)).disposition is IMPLICIT


@pytest.mark.parametrize(("pods", "expected"), [(("db-0",), IMPLICIT), (("db-0", "db-1"), NEEDED), ((), NEEDED)])
def test_a_workload_to_itself_is_implicit_only_with_a_single_pod(pods, expected):
    assert decision(edge(DB, DB), workloads=[workload(DB, pods=pods)]).disposition is expected


@pytest.mark.parametrize(
    ("server", "addresses"),
    [
        (AddressEnd(address="169.254.169.254"), ()),
        (AddressEnd(address="168.63.129.16"), ()),
        (AddressEnd(address="fd20:ce::254"), ()),
        (FqdnEnd(name="metadata.google.internal"), ()),
        (FqdnEnd(name="x.example.com"), ("169.254.169.254",)),
        (HOST, ("169.254.169.254",)),
    ],
)
def test_the_metadata_service_is_reviewed_under_every_name(server, addresses):
    found = decision(edge(server=server, port=80, server_addresses=addresses))
    assert found.disposition is REVIEW
    assert "metadata" in found.reason


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (((OrientationReason.PORT_NUMBER, 100),), REVIEW),
        (((OrientationReason.KNOWN_SERVER_PORT, 60), (OrientationReason.PORT_NUMBER, 40)), REVIEW),
        (((OrientationReason.IS_REPLY, 1), (OrientationReason.PORT_NUMBER, 99)), NEEDED),
        ((), REVIEW),
    ],
)
def test_a_direction_told_from_ports_alone_is_reviewed(reasons, expected):
    assert decision(edge(reasons=reasons)).disposition is expected


def test_a_long_lived_bare_pod_is_reviewed():
    assert decision(edge(client=end("bot", "Pod"))).reason == "one end is a pod without an owner"


def test_an_unanswered_ping_is_reviewed():
    ping = edge(port=8, protocol=Protocol.ICMP, answered=0)
    assert decision(ping, edge()).reason == "no answer recorded"


def test_many_connections_in_a_short_window_are_needed():
    assert decision(edge(at=0), window=capture(days=0.01)).disposition is NEEDED
