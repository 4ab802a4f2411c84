import pytest

from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd, OrientationReason, Protocol
from recommender.model.entity import Entity
from tests.assess.builders import (
    API,
    DAY,
    DB,
    HOST,
    HOUR,
    IMPLICIT,
    NEEDED,
    REVIEW,
    START,
    WEB,
    capture,
    decision,
    edge,
    end,
    workload,
)

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


LATE = START + 3 * DAY


class TestLateContact:
    regular = edge(client=WEB, server=API, port=8080)

    def found(self, one, *others, **context):
        return decision(one, self.regular, *others, **context)

    def test_a_store_that_was_not_needed_for_days(self):
        decided = self.found(edge(WEB, DB, 5432, first_seen=LATE))
        assert decided.disposition is REVIEW
        assert decided.reason == "first seen long after the client's first traffic, on PostgreSQL (5432)"
        assert self.found(edge(WEB, DB, 8443, first_seen=LATE)).disposition is NEEDED
        assert self.found(edge(WEB, DB, 5432)).disposition is NEEDED

    def test_a_beacon_recurs_and_is_answered(self):
        decided = self.found(edge(WEB, AddressEnd(address="203.0.113.9"), 443, first_seen=LATE))
        assert (decided.disposition, "an address without a name" in decided.reason) == (REVIEW, True)
        assert "a name outside" in self.found(edge(WEB, FqdnEnd(name="drop.example.net"), 443, first_seen=LATE)).reason

    @pytest.mark.parametrize(
        ("known", "new"),
        [
            (AddressEnd(address="203.0.113.9"), AddressEnd(address="203.0.113.77")),
            (AddressEnd(address="2001:db8:1::9"), AddressEnd(address="2001:db8:1:ff::1")),
            (FqdnEnd(name="a.example.com"), FqdnEnd(name="b.eu.example.com")),
        ],
    )
    def test_neighbours_of_what_the_client_knew_are_not_new(self, known, new):
        moved = edge(WEB, new, 443, first_seen=LATE)
        assert self.found(moved, edge(WEB, known, 443)).disposition is NEEDED
        assert self.found(moved, edge(API, known, 443)).disposition is REVIEW
        assert self.found(moved, edge(WEB, known, 443, first_seen=START + 2 * DAY)).disposition is REVIEW

    def test_a_like_workload_speaks_for_it(self):
        known = [workload(end(name), "k8s:app=web") for name in ("web", "web-b")]
        contact = edge(WEB, DB, 5432, first_seen=LATE)
        assert self.found(contact, edge(end("web-b"), DB, 5432), workloads=known).disposition is NEEDED

    def test_in_a_short_window_nothing_is_late(self):
        contact = edge(WEB, DB, 5432, at=10 * HOUR, connections=9, active_hours=2)
        assert decision(contact, edge(API, at=0), window=capture(days=0.5)).disposition is NEEDED


def test_many_connections_on_one_occasion_are_marked():
    run = edge(WEB, DB, 8443, at=2 * DAY, connections=40)
    assert (decision(run).disposition, decision(run).reason) == (REVIEW, "seen on one occasion only")
    again = edge(WEB, DB, 8443, at=2 * DAY, connections=40, active_hours=2, last_seen=START + 4 * DAY)
    assert decision(again).disposition is NEEDED
