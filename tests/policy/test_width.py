from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.group import Group, GroupOrigin, Selector
from recommender.model.policy import (
    Baseline,
    CidrPeer,
    Direction,
    EntityPeer,
    GroupPeer,
    Policy,
    PortRule,
    Rule,
)
from recommender.policy import width_gaps
from recommender.policy.width import count_open
from tests.policy.scene import NEEDED, address, edge, end, entity

ENDS = tuple(end("shop", name) for name in "abcd")
PORTS = tuple(PortRule(protocol=Protocol.TCP, port=port) for port in (80, 443))
HOMES = {ENDS[0]: "shop", ENDS[1]: "shop", ENDS[2]: "", ENDS[3]: "far"}


def group(*members, name="some", origin=GroupOrigin.WORKLOAD):
    return Group(name=name, namespace="shop", members=members, origin=origin, selector=Selector(requirements=()))


def rule(direction, peer, ports=PORTS, *, edges=(), baseline=None):
    return Rule(direction=direction, peer=peer, ports=ports, edges=edges, baseline=baseline)


def policy(name, members, *rules, ingress=True, egress=True):
    return Policy(
        name=name,
        group=group(*members, name=name),
        rules=rules,
        isolate_ingress=ingress,
        isolate_egress=egress,
    )


peers = st.one_of(
    st.sets(st.sampled_from(ENDS), min_size=1).map(lambda found: GroupPeer(group=group(*sorted(found)))),
    st.sampled_from([EntityPeer(entity=Entity.CLUSTER), EntityPeer(entity=Entity.WORLD)]),
)
rules = st.builds(
    rule,
    st.sampled_from(Direction),
    peers,
    st.sets(st.sampled_from(PORTS)).map(lambda found: tuple(sorted(found))),
)
policies = st.lists(
    st.tuples(st.sets(st.sampled_from(ENDS), min_size=1), st.lists(rules, max_size=3), st.booleans(), st.booleans()),
    max_size=4,
).map(
    lambda rows: [
        policy(f"p{number}", sorted(members), *found, ingress=ingress, egress=egress)
        for number, (members, found, ingress, egress) in enumerate(rows)
    ]
)


def lets_through(chosen, own, other, direction, port):
    """One side of one connection, judged rule by rule."""
    governing = [one for one in chosen if own in one.group.members]
    if not any(one.isolates_in(direction) for one in governing):
        return True
    found = [one for policy_ in governing for one in policy_.rules_for(direction) if not one.ports or port in one.ports]
    return any(
        other in one.peer.group.members if isinstance(one.peer, GroupPeer) else one.peer.entity is Entity.CLUSTER
        for one in found
    )


@given(policies)
def test_the_count_agrees_with_trying_every_triple(chosen):
    expected = dict.fromkeys(("shop", "far"), 0)
    for client, server, port in product(ENDS, ENDS, PORTS):
        home = HOMES[server] or HOMES[client]
        if home:
            expected[home] += lets_through(chosen, client, server, Direction.EGRESS, port) and lets_through(
                chosen, server, client, Direction.INGRESS, port
            )
    found = count_open(chosen, HOMES, PORTS)
    assert {home: found[home] for home in expected} == expected


def test_a_namespace_that_opens_more_than_was_seen_says_how_much():
    a, b, _, _ = ENDS
    shop = group(a, b, name="all-pods", origin=GroupOrigin.NAMESPACE)
    edges = [edge(a, b, 80), edge(a, address("203.0.113.9"), 8443), edge(entity(Entity.WORLD), b, 80)]
    decided = {one.edge_id: NEEDED for one in edges}
    within, outside, public = edges
    wide = Policy(
        name="wide",
        group=shop,
        rules=(
            rule(Direction.INGRESS, GroupPeer(group=shop), PORTS[:1], edges=(within.edge_id,)),
            rule(Direction.EGRESS, GroupPeer(group=shop), PORTS[:1], edges=(within.edge_id,)),
            rule(Direction.EGRESS, CidrPeer(cidrs=("203.0.113.9/32",)), edges=(outside.edge_id,)),
            rule(Direction.INGRESS, EntityPeer(entity=Entity.WORLD), PORTS[:1], edges=(public.edge_id,)),
        ),
    )
    narrow = [
        policy("a", [a], rule(Direction.EGRESS, GroupPeer(group=group(b)), PORTS[:1])),
        policy("b", [b], rule(Direction.INGRESS, GroupPeer(group=group(a)), PORTS[:1])),
    ]
    (gap,) = width_gaps([wide], narrow, groups=[shop], edges=edges, decided=decided)
    assert (gap.code, gap.subject) == ("NPR318", "shop/all-pods")
    assert gap.reason == (
        "it opens 4 (client, server, port) between workloads, of which 1 were seen; policies at group level would "
        "open 1; 4 (workload, peer, port) with outside peers, of which 2 were seen"
    )
    assert gap.count == 3 + 2


def test_https_to_anywhere_is_said_and_exact_namespaces_are_no_gap():
    shop = group(ENDS[0], name="all-pods", origin=GroupOrigin.NAMESPACE)
    https = rule(Direction.EGRESS, CidrPeer(cidrs=("0.0.0.0/0",)), baseline=Baseline.OUTSIDE_HTTPS)
    wide = Policy(name="wide", group=shop, rules=(https,))
    (gap,) = width_gaps([wide], [], groups=[shop], edges=[], decided={})
    assert "TCP/443 to every public address" in gap.reason
    tight = Policy(name="tight", group=shop, rules=())
    assert width_gaps([tight], [], groups=[shop], edges=[], decided={}) == ()


def test_what_is_not_allowed_is_not_counted_as_seen():
    a, b, _, _ = ENDS
    shop = group(a, b, name="all-pods", origin=GroupOrigin.NAMESPACE)
    kept, scanned = edge(a, b, 80), edge(b, a, 80)
    decided = {kept.edge_id: NEEDED, scanned.edge_id: Decided(disposition=Disposition.QUARANTINED, reason="scan")}
    both = [rule(direction, GroupPeer(group=shop), PORTS[:1]) for direction in Direction]
    (gap,) = width_gaps(
        [Policy(name="wide", group=shop, rules=tuple(both))], [], groups=[shop], edges=[kept, scanned], decided=decided
    )
    assert "opens 4 (client, server, port) between workloads, of which 1 were seen" in gap.reason
