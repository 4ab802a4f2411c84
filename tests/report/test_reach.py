from dataclasses import replace
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.group import GroupOrigin
from recommender.model.manifest import Dialect
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer, Policy, PortRule, Rule
from recommender.report.reach import reach
from tests.report.sample import group

PORTS = (PortRule(protocol=Protocol.TCP, port=443),)
GROUPS = tuple(group("ns", name) for name in "abcde")
NUMBERS = range(len(GROUPS))


def rule(direction, peer):
    return Rule(direction=direction, peer=peer, ports=PORTS, edges=("0" * 12,))


def policies_of(pairs, governed=NUMBERS, *, one_sided=()):
    found = []
    for number in governed:
        rules = [rule(Direction.EGRESS, GroupPeer(group=GROUPS[to])) for frm, to in pairs if frm == number]
        rules += [
            rule(Direction.INGRESS, GroupPeer(group=GROUPS[frm]))
            for frm, to in pairs
            if to == number and (frm, to) not in one_sided
        ]
        found.append(Policy(name=GROUPS[number].name, group=GROUPS[number], rules=tuple(rules)))
    return found


def test_without_policies_everyone_reaches_everyone():
    assert {(item.groups, item.groups_by_hops, item.world) for item in reach(GROUPS, ())} == {(4, 4, True)}


def test_a_chain_is_reached_hop_by_hop():
    found = reach(GROUPS, policies_of([(0, 1), (1, 2)]))
    assert [item.groups for item in found] == [1, 1, 0, 0, 0]
    assert [item.groups_by_hops for item in found] == [2, 1, 0, 0, 0]
    assert not any(item.world for item in found)


def test_both_sides_must_allow():
    found = reach(GROUPS, policies_of([(0, 1)], one_sided=[(0, 1)]))
    assert found[0].groups == 0


def test_a_group_without_a_policy_is_open_to_those_that_may_send():
    found = reach(GROUPS, policies_of([(0, 1)], governed=[0, 2, 3, 4]))
    assert found[0].groups == 1
    assert (found[1].governed, found[1].groups, found[1].world) == (False, 0, True)


def test_outside_peers_and_entities_are_counted_once():
    peers = (
        EntityPeer(entity=Entity.KUBE_APISERVER),
        FqdnPeer(name="api.bank.example"),
        CidrPeer(cidrs=("192.0.2.0/24", "198.51.100.0/24")),
    )
    policy = Policy(name="a", group=GROUPS[0], rules=tuple(rule(Direction.EGRESS, peer) for peer in (*peers, *peers)))
    found = reach(GROUPS[:1], [policy])[0]
    assert (found.entities, found.external_peers, found.world) == (1, 3, False)


def test_any_address_and_every_pod_are_recognised():
    for peer, world in ((CidrPeer(cidrs=("0.0.0.0/0",)), True), (EntityPeer(entity=Entity.CLUSTER), False)):
        policy = Policy(name="a", group=GROUPS[0], rules=(rule(Direction.EGRESS, peer),))
        found = reach(GROUPS, [policy])[0]
        assert found.world is world
        assert found.groups == (0 if world else 4)


def test_only_ciliums_dialect_tells_an_entity_from_any_other_address():
    policy = Policy(name="a", group=GROUPS[0], rules=(rule(Direction.EGRESS, EntityPeer(entity=Entity.REMOTE_NODE)),))
    assert {dialect: reach(GROUPS, [policy], dialect)[0].world for dialect in Dialect} == {
        dialect: dialect is not Dialect.CILIUM for dialect in Dialect
    }


@given(st.sets(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS))))
def test_hops_agree_with_a_plain_search(pairs):
    found = reach(GROUPS, policies_of(sorted(pairs)))
    for start, item in zip(NUMBERS, found, strict=True):
        seen, waiting = set(), [start]
        while waiting:
            place = waiting.pop()
            new = {to for frm, to in pairs if frm == place} - seen
            seen |= new
            waiting += new
        assert item.groups_by_hops == len(seen - {start})
        assert item.groups == len({to for frm, to in product([start], NUMBERS) if (frm, to) in pairs} - {start})


def workload_group(name, *members, origin=GroupOrigin.NAMESPACE):
    return replace(group("ns", name), members=members, origin=origin)


def one_sided(name, owner, *rules, ingress=False, egress=False):
    return Policy(name=name, group=owner, rules=rules, isolate_ingress=ingress, isolate_egress=egress)


def test_several_policies_of_a_group_add_up():
    a, b = (one.members[0] for one in GROUPS[:2])
    rest = workload_group("all-pods", a, b)
    deny = one_sided("deny", rest, ingress=True, egress=True)
    allow = one_sided(
        "allow", rest, rule(Direction.INGRESS, GroupPeer(group=rest)), rule(Direction.EGRESS, GroupPeer(group=rest))
    )
    closed, opened = (reach([rest], chosen)[0] for chosen in ([deny], [deny, allow]))
    assert (closed.governed, closed.workload_pairs, closed.world) == (True, 0, False)
    assert (opened.governed, opened.workload_pairs, opened.world) == (True, 2, False)


def test_a_part_of_a_group_is_judged_by_its_members():
    """A peer, or a subject, may be narrower than the group that stands in the list."""
    a, b, c = (one.members[0] for one in GROUPS[:3])
    rest, alone = workload_group("all-pods", a, b), GROUPS[2]
    part = workload_group("part", a, origin=GroupOrigin.WORKLOAD)
    policies = [
        one_sided("rest", rest, rule(Direction.EGRESS, GroupPeer(group=alone)), ingress=True, egress=True),
        one_sided("alone", alone, rule(Direction.INGRESS, GroupPeer(group=part)), ingress=True, egress=True),
    ]
    found = {item.group.name: item for item in reach([rest, alone], policies)}
    assert c in alone.members
    assert (found["all-pods"].groups, found["all-pods"].workload_pairs) == (1, 1)
    assert found["c"].workload_pairs == 0


def test_pairs_of_workloads_are_counted_where_nothing_is_governed():
    assert sum(item.workload_pairs for item in reach(GROUPS, ())) == 5 * 4
