"""What an intruder could still do once the policies are enforced."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.assess import find_gaps
from recommender.assess.gaps.group_graph import GroupGraph
from recommender.model.edge import Protocol
from recommender.model.enforcement_plan import EnforcementPlan
from recommender.model.entity import Entity
from recommender.model.exposure import GroupExposure
from recommender.model.gap import Severity
from recommender.model.group import Group, GroupOrigin
from recommender.model.inventory import Inventory
from recommender.model.manifest import Dialect
from recommender.model.policy import CidrPeer, Direction, EntityPeer, GroupPeer, Policy, PortRule, Rule
from recommender.report.reach import reach
from tests.assess.builders import WORLD, capture, edge, end, needed

HTTPS = (PortRule(protocol=Protocol.TCP, port=443),)


def group(name, namespace="shop"):
    member = end(name, namespace=namespace)
    return Group(name=name, namespace=namespace, members=(member,), origin=GroupOrigin.WORKLOAD, selector=None)


def rule(direction, peer):
    return Rule(direction=direction, peer=peer, ports=HTTPS, edges=("e",))


def peers(groups):
    return [one if not isinstance(one, Group) else GroupPeer(group=one) for one in groups]


def policy(of, *, clients=(), servers=(), **parts):
    rules = [rule(Direction.INGRESS, peer) for peer in peers(clients)]
    rules += [rule(Direction.EGRESS, peer) for peer in peers(servers)]
    return Policy(name=of.name, group=of, rules=tuple(rules), **parts)


def gaps(code, *edges, groups=(), policies=(), exposures=()):
    found = find_gaps(
        capture=capture(),
        edges=edges,
        decided=needed(*edges),
        workloads=(),
        groups=groups,
        inventory=Inventory(),
        plan=EnforcementPlan(dialect=Dialect.CILIUM, policies=tuple(policies), manifests=()),
        exposures=exposures,
    )
    return [gap for gap in found if gap.code == code]


class TestBlastRadius:
    def exposure(self, name, after, **parts):
        base = {"governed": True, "before": 3, "after": after, "by_hops": after, "world": False}
        return GroupExposure(group=name, **(base | parts))

    def test_the_widest_first_with_before_and_after(self):
        exposed = [self.exposure("a", 2, by_hops=3, world=True), *(self.exposure(name, 0) for name in "bcd")]
        (gap,) = gaps("NPR413", exposures=exposed)
        assert (gap.severity, gap.facts) == (Severity.MEDIUM, ("a",))
        assert gap.reason.startswith("2 of 12 open pairs of 4 groups stay open; 1 of them")
        assert gap.examples == ("a: 2 of 3 (before 3), 3 by hops, and any address outside",)

    def test_when_none_is_wide(self):
        (gap,) = gaps("NPR413", exposures=[self.exposure(name, 1) for name in "abcd"])
        assert (gap.severity, gap.facts) == (Severity.INFO, ())

    def test_a_single_group_reaches_nobody(self):
        assert gaps("NPR413", exposures=[self.exposure("a", 0)]) == []


GATEWAY, WEB, PAYMENTS = group("gateway"), group("web"), group("api", "payments")
OUTSIDE = EntityPeer(entity=Entity.WORLD)


class TestWaysFromOutside:
    chain = (
        policy(GATEWAY, clients=[OUTSIDE], servers=[WEB]),
        policy(WEB, clients=[GATEWAY], servers=[PAYMENTS]),
        policy(PAYMENTS, clients=[WEB]),
    )

    def test_the_shortest_way_is_told(self):
        (gap,) = gaps("NPR414", groups=(GATEWAY, WEB, PAYMENTS), policies=self.chain)
        assert (gap.subject, gap.severity) == ("payments/api", Severity.MEDIUM)
        assert gap.reason.startswith("outside -> shop/gateway -> shop/web -> payments/api: 2 groups")

    def test_a_step_that_one_side_forbids_is_no_way(self):
        closed = (*self.chain[:2], policy(PAYMENTS))
        assert gaps("NPR414", groups=(GATEWAY, WEB, PAYMENTS), policies=closed) == []

    def test_what_faces_the_outside_itself(self):
        (gap,) = gaps("NPR414", groups=(PAYMENTS,), policies=[policy(PAYMENTS, clients=[OUTSIDE])])
        assert (gap.severity, gap.count) == (Severity.HIGH, 1)

    def test_a_group_without_a_policy_that_the_outside_was_seen_to_call(self):
        seen = edge(WORLD, PAYMENTS.members[0], 443)
        assert len(gaps("NPR414", seen, groups=(PAYMENTS,))) == 1
        assert gaps("NPR414", groups=(PAYMENTS,)) == []

    @pytest.mark.parametrize(
        ("name", "namespace", "found"),
        [
            ("vault", "shop", 1),
            ("api", "payments", 1),
            ("author", "shop", 0),
            ("discard", "shop", 0),
            ("card-db", "x", 1),
        ],
    )
    def test_sensitive_by_whole_words(self, name, namespace, found):
        one = group(name, namespace)
        assert len(gaps("NPR414", groups=(one,), policies=[policy(one, clients=[OUTSIDE])])) == found

    def test_what_was_marked_outweighs_names(self):
        marked = replace(WEB, sensitive=True)
        found = gaps("NPR414", groups=(GATEWAY, marked, PAYMENTS), policies=self.chain)
        assert [gap.subject for gap in found] == ["shop/web"]

    def test_policies_and_peers_of_different_levels(self):
        whole = replace(group("shop"), members=tuple(sorted((*GATEWAY.members, *WEB.members))))
        chain = policy(whole, clients=[OUTSIDE], servers=[PAYMENTS]), policy(PAYMENTS, clients=[WEB])
        (gap,) = gaps("NPR414", groups=(whole, PAYMENTS), policies=chain)
        assert gap.reason.startswith("outside -> shop/shop -> payments/api: 1 group")


NAMES = "abcdef"
GROUPS = {name: group(name) for name in NAMES}
some_groups = st.lists(st.sampled_from(NAMES), max_size=4, unique=True)
some_policies = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(some_groups, some_groups, st.booleans(), st.booleans(), st.booleans()),
    max_size=6,
)


@given(some_policies, st.sampled_from(NAMES))
def test_ways_lead_to_what_the_reach_of_the_report_says(described, start):
    policies = [
        replace(
            policy(
                GROUPS[name],
                clients=[GROUPS[one] for one in clients] + ([EntityPeer(entity=Entity.CLUSTER)] if anybody else []),
                servers=[GROUPS[one] for one in servers],
            ),
            isolate_ingress=ingress,
            isolate_egress=egress,
        )
        for name, (clients, servers, ingress, egress, anybody) in described.items()
    ]
    ways = GroupGraph.of(tuple(GROUPS.values()), policies).ways_from([GROUPS[start].display])
    (reached,) = [item for item in reach(GROUPS.values(), policies) if item.group == GROUPS[start]]
    assert len(ways) - 1 == reached.groups_by_hops
    assert sum(len(way) == 2 for way in ways.values()) == reached.groups


def test_named_addresses_face_the_outside_too():
    office = policy(WEB, clients=[CidrPeer(cidrs=("198.51.100.0/24",))])
    assert GroupGraph.of((WEB,), [office]).faces_outside == {"shop/web"}
