from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from recommender.model.edge import Protocol
from recommender.model.entity import Entity
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
