import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.assess.confidence.features import Feature
from recommender.model.confidence import Band, Scale
from recommender.model.disposition import Decided
from recommender.model.edge import AddressEnd, FqdnEnd, OrientationReason, VerdictMix
from tests.assess.builders import DB, QUARANTINED, REVIEW, WEB, capture, edge, end, node, once, workload
from tests.assess.scored import KEPT, active, confidence, scores

OUT = Decided(disposition=QUARANTINED, reason="r")
EVERY_DAY = tuple(range(1, 168, 3))


def part(found, name):
    return next(each for each in found.parts if each.name == name)


def test_a_regular_edge_is_high_and_says_why_in_plain_words():
    one = active(*EVERY_DAY, client_pods=2)
    found = confidence(one, workloads=[workload(WEB, pods=("a", "b"))])
    assert found.band is Band.HIGH
    assert found.cap == ""
    assert part(found, "days").sentence == "seen on 7 of 7 days"
    assert part(found, "replicas").sentence == "shown by 2 of 2 client pods"
    assert part(found, "answers").sentence == f"{len(EVERY_DAY)} of {len(EVERY_DAY)} connections answered"


@given(st.sets(st.integers(0, 167), min_size=1, max_size=60), st.floats(0, 1), st.integers(1, 6))
def test_the_parts_add_up_to_the_log_odds_before_the_cap(hours, share, pods):
    one = active(*sorted(hours), answered=round(share * len(hours)), client_pods=1)
    found = confidence(one, workloads=[workload(WEB, pods=tuple("abcdef"[:pods]))])
    assert found.scale is Scale.LOG_ODDS
    total = sum(each.value for each in found.parts)
    expected = 1 / (1 + math.exp(-total))
    assert found.value == pytest.approx(expected, abs=0.01) or (found.cap and found.value <= expected)


@pytest.mark.parametrize(
    ("one", "decided", "limit", "cap"),
    [
        (once(both_sides=1), Decided(disposition=REVIEW, reason="seen once"), 0.80, "seen once"),
        (active(*EVERY_DAY, answered=0), OUT, 0.10, "never answered"),
        (active(*EVERY_DAY, refused=len(EVERY_DAY), answered=0), OUT, 0.10, "never answered"),
        (active(*EVERY_DAY, reasons=((OrientationReason.PORT_NUMBER, 56),)), KEPT, 0.50, "direction unknown"),
        (active(*EVERY_DAY), OUT, 0.30, "quarantined"),
        (active(*EVERY_DAY, verdicts=VerdictMix(denied=56)), OUT, 0.30, "quarantined"),
    ],
)
def test_caps(one, decided, limit, cap):
    found = confidence(one, decided)
    assert found.value <= limit
    assert found.cap in {cap, ""}
    assert found.cap == cap or found.value < limit


@pytest.mark.parametrize(
    ("names", "cap"),
    [(("a.example.com", "b.example.com"), "its addresses had several names"), (("a.example.com",), "")],
)
def test_a_name_that_was_one_of_several_is_less_sure(names, cap):
    one = active(*EVERY_DAY, server=FqdnEnd(name="a.example.com"), port=443, names=names)
    assert confidence(one).cap == cap


def test_answers_that_nobody_could_hear_are_weighed_by_a_form_of_their_own():
    blind = capture(reply_flows=0)
    found = confidence(active(*EVERY_DAY, answered=0), window=blind)
    assert "cannot show" in part(found, "answers").sentence
    assert part(found, "answers").value == 0
    assert "answers cannot be known" in part(found, "edges in general").sentence
    assert found.value > 0.8


def test_never_answered_is_next_to_nothing_where_answers_show():
    assert confidence(active(*EVERY_DAY, answered=0), OUT).value <= 0.10


def test_loss_caps():
    found = confidence(active(*EVERY_DAY), window=capture(lost_events=10_000))
    assert found.value == pytest.approx(0.75)
    assert found.cap == "events lost in the window"


def test_loss_elsewhere_does_not_count():
    window = capture(lost_events=10_000, nodes=(node("a"), node("b", lost_events=10_000)))
    one = active(*EVERY_DAY)
    assert confidence(one, window=window, workloads=[workload(WEB, nodes=("a",))]).cap == ""
    assert confidence(one, window=window, workloads=[workload(WEB, nodes=("b",))]).cap == "events lost in the window"


def test_a_client_with_many_passing_contacts_is_trusted_less():
    servers = [end(f"s{number}") for number in range(30)]
    touches = [active(50, server=server, port=8080) for server in servers]
    alone, among = confidence(touches[0]), confidence(touches[0], KEPT, *touches[1:])
    assert among.value < alone.value
    assert part(among, "fan-out").sentence == "one of 30 passing contacts of its client"


def test_many_outside_addresses_of_one_client_are_no_scan():
    outside = [active(50, server=AddressEnd(address=f"192.0.2.{number}"), port=443) for number in range(1, 30)]
    assert part(confidence(outside[0], KEPT, *outside[1:]), "fan-out").value == 0


def test_a_pod_that_does_alone_what_its_siblings_could_do_is_trusted_less():
    one = active(*EVERY_DAY, client_pods=1)
    alone = confidence(one, workloads=[workload(WEB, pods=tuple("abcdefgh"))])
    single = confidence(one, workloads=[workload(WEB, pods=("a",))])
    assert alone.value < single.value


@given(
    st.sets(st.integers(0, 167), min_size=3, max_size=40),
    st.integers(0, 167),
    st.sampled_from([feature for feature in Feature if feature.speaks_for]),
)
def test_no_feature_speaks_against_its_sign(hours, another, feature):
    one, blind = active(*sorted(hours | {another})), capture(reply_flows=0)
    for window in (capture(), blind):
        found = scores(one, window=window)
        column = found.log_odds.parts[0, tuple(Feature).index(feature)]
        value = found.table.column(feature)[0]
        assert column * value >= 0
        assert found.log_odds.parts[0, tuple(Feature).index(Feature.FAN_OUT)] <= 0
        assert found.log_odds.parts[0, tuple(Feature).index(Feature.IDLENESS)] <= 0


@given(st.integers(1, 55))
def test_more_answers_never_lower_it(answered):
    one = active(*EVERY_DAY, answered=answered)
    better = replace(one, evidence=replace(one.evidence, answered=answered + 1))
    assert confidence(better).value >= confidence(one).value


def test_recurrence_is_another_thing_than_need():
    steady, once_long_ago = active(*EVERY_DAY), active(3, server=DB, port=6000)
    found = scores(steady, once_long_ago)
    again = dict(zip(found.context.edges, found.recurrence, strict=True))
    assert again[steady.edge_id] > 0.95
    assert again[once_long_ago.edge_id] < 0.5
    assert found.probability[list(again).index(once_long_ago.edge_id)] > again[once_long_ago.edge_id]


def test_hours_that_were_not_recorded_still_give_a_score():
    assert 0 < confidence(edge(activity=b"")).value <= 1
