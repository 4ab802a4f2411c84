from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.assess import edge_confidence, policy_confidence
from recommender.model.confidence import Band
from recommender.model.disposition import Decided
from recommender.model.edge import AddressEnd, FqdnEnd, OrientationReason, VerdictMix
from recommender.model.group import Group, GroupOrigin, Requirement, Selector
from recommender.model.policy import Baseline, Direction, GroupPeer, Policy, PortRule, Rule
from recommender.model.recommendation import AssessedEdge
from tests.assess.builders import DB, NEEDED, QUARANTINED, REVIEW, WEB, capture, edge, node, once, workload

KEPT, OUT = Decided(disposition=NEEDED), Decided(disposition=QUARANTINED, reason="r")


def confidence(one, decided=KEPT, *, window=None, workloads=()):
    known = {each.end: each for each in workloads}
    return edge_confidence(one, decided, workloads=known, capture=window or capture())


def part(found, name):
    return next(each for each in found.parts if each.name == name)


def test_a_regular_edge_is_high_and_says_why():
    found = confidence(edge(client_pods=2), workloads=[workload(WEB, pods=("a", "b"))])
    assert found.band is Band.HIGH
    assert found.cap == ""
    assert part(found, "days").sentence == "seen on 7 days of a window of 7"
    assert part(found, "replicas").sentence == "2 of 2 client pods showed it"
    assert found.value == pytest.approx(sum(each.value for each in found.parts))


@pytest.mark.parametrize(
    ("one", "decided", "limit", "cap"),
    [
        (once(both_sides=1), Decided(disposition=REVIEW, reason="seen once"), 0.80, ""),
        (edge(answered=0), OUT, 0.10, "never answered"),
        (edge(refused=100, answered=0), OUT, 0.10, "never answered"),
        (edge(reasons=((OrientationReason.PORT_NUMBER, 100),)), KEPT, 0.50, "direction unknown"),
        (edge(), OUT, 0.30, "quarantined"),
        (edge(verdicts=VerdictMix(denied=100), answered=0), OUT, 0.30, "quarantined"),
    ],
)
def test_caps(one, decided, limit, cap):
    found = confidence(one, decided)
    assert found.value <= limit
    assert found.cap == cap


@pytest.mark.parametrize(
    ("names", "cap"),
    [(("a.example.com", "b.example.com"), "its addresses had several names"), (("a.example.com",), "")],
)
def test_a_name_that_was_one_of_several_is_less_sure(names, cap):
    found = confidence(edge(WEB, FqdnEnd(name="a.example.com"), 443, names=names))
    assert found.cap == cap


def test_silence_that_convicts_nobody_does_not_cap():
    assert confidence(edge(answered=0), Decided(disposition=REVIEW, reason="no answer recorded")).value > 0.5


def test_blindness_to_answers_costs_half_of_their_part():
    found = confidence(edge(answered=0), window=capture(reply_flows=0))
    assert part(found, "answers").value == pytest.approx(0.125)
    assert "cannot show" in part(found, "answers").sentence


def test_loss_lowers_and_caps():
    lossy = capture(lost_events=10_000)
    found = confidence(edge(), window=lossy)
    assert found.value == pytest.approx(0.75)
    assert found.cap == "events lost in the window"


def test_loss_elsewhere_does_not_count():
    window = capture(lost_events=10_000, nodes=(node("a"), node("b", lost_events=10_000)))
    here = confidence(edge(), window=window, workloads=[workload(WEB, nodes=("a",))])
    there = confidence(edge(), window=window, workloads=[workload(WEB, nodes=("b",))])
    assert here.cap == ""
    assert there.cap == "events lost in the window"


def test_an_end_outside_has_only_one_side_to_be_recorded_at():
    assert part(confidence(edge(server=AddressEnd(address="192.0.2.1"), both_sides=0)), "both ends").value == 0.10


@given(st.integers(0, 6), st.integers(0, 23), st.integers(0, 99))
def test_more_of_anything_good_never_lowers_it(days, hours, answered):
    one = edge(active_days=days, active_hours=hours + 1, answered=answered)
    base = confidence(one).value
    for better in ({"active_days": days + 1}, {"active_hours": hours + 2}, {"answered": answered + 1}):
        improved = replace(one, evidence=replace(one.evidence, **better))
        assert confidence(improved).value >= base


GROUP = Group(
    name="db",
    namespace="shop",
    members=(DB,),
    origin=GroupOrigin.WORKLOAD,
    selector=Selector(requirements=(Requirement(key="app", values=("db",)),)),
)


def rule(*edges, baseline=None, port=5432):
    return Rule(
        direction=Direction.INGRESS,
        peer=GroupPeer(group=GROUP),
        ports=(PortRule(protocol=edge().protocol, port=port),),
        edges=tuple(one.edge_id for one in edges),
        baseline=baseline,
    )


def assessed(one, decided=KEPT):
    return AssessedEdge(edge=one, decided=decided, confidence=confidence(one, decided))


STRONG_EDGE, WEAK_EDGE = edge(), edge(port=80, reasons=())


def policy_of(*rules, window=None, edges=(STRONG_EDGE, WEAK_EDGE)):
    policy = Policy(name="db", group=GROUP, rules=rules)
    known = {one.edge_id: assessed(one) for one in edges}
    return policy_confidence(policy, known, capture=window or capture(14.0))


def test_a_policy_is_as_weak_as_its_weakest_rule():
    strong, both = policy_of(rule(STRONG_EDGE)), policy_of(rule(STRONG_EDGE), rule(WEAK_EDGE, port=80))
    assert both.value < strong.value
    assert both.value == pytest.approx(14 / 17 * 0.5, abs=1e-3)
    assert "weakest of 2 rules" in part(both, "weakest rule").sentence


def test_a_rule_is_as_strong_as_its_best_edge():
    assert policy_of(rule(STRONG_EDGE, WEAK_EDGE)).value == policy_of(rule(STRONG_EDGE)).value


def test_a_baseline_has_no_confidence_of_its_own():
    alone = policy_of(rule(baseline=Baseline.DNS))
    assert part(alone, "weakest rule").sentence == "no rule rests on evidence of its own"


def test_a_short_window_caps_a_policy():
    found = policy_of(rule(STRONG_EDGE), window=capture(0.5))
    assert found.value <= 0.5
    assert "longer" in found.cap


def test_a_longer_window_is_better_and_loss_is_worse():
    short, long = policy_of(rule(STRONG_EDGE)), policy_of(rule(STRONG_EDGE), window=capture(56.0))
    lossy = policy_of(rule(STRONG_EDGE), window=capture(14.0, lost_events=10_000))
    assert lossy.value < short.value < long.value
