from dataclasses import replace

import pytest

from recommender.assess import advise
from recommender.model.confidence import Band
from recommender.model.existing import AdviceKind, ExistingPolicy, ExistingRule, Opening, PolicyFate
from recommender.model.gap import Severity
from recommender.model.policy import Direction
from tests.assess.builders import capture

POLICY = ExistingPolicy(name="NetworkPolicy/shop/db", fate=PolicyFate.JUDGED, selects=1)
USED = ExistingRule(
    policy=POLICY.name,
    path="spec.ingress[0]",
    direction=Direction.INGRESS,
    text="{}",
    opening=Opening.CHOSEN,
    ports=1,
    unresolved=False,
    subjects=("shop/StatefulSet/db",),
    unobserved=(),
    scheduled=(),
    known_peers=1,
    used_peers=1,
    used_outside=0,
    used_ports=("TCP/5432",),
    edges=("0" * 12,),
    suspicious=(),
    connections=9,
    last_used=1,
)
UNUSED = replace(USED, used_peers=0, used_ports=(), edges=(), connections=0, last_used=0)
EGRESS = Direction.EGRESS


def advice(*rules, days=14.0, policies=(POLICY,)):
    return advise(rules, policies, capture=capture(days))


def test_a_used_narrow_rule_needs_no_advice():
    assert advice(USED) == ()


@pytest.mark.parametrize(
    ("opens", "severity"),
    [
        ({"opening": Opening.ANYWHERE}, Severity.HIGH),
        ({"opening": Opening.ANYWHERE, "direction": EGRESS}, Severity.MEDIUM),
        ({"opening": Opening.ANYWHERE, "direction": EGRESS, "ports": 0}, Severity.HIGH),
        ({"opening": Opening.CLUSTER}, Severity.MEDIUM),
        ({"opening": Opening.NAMESPACE}, Severity.LOW),
        ({"opening": Opening.NAMESPACE, "ports": 0}, Severity.MEDIUM),
        ({"opening": Opening.CHOSEN}, Severity.INFO),
        ({"opening": Opening.CHOSEN, "ports": 0}, Severity.LOW),
        ({"opening": Opening.CHOSEN, "suspicious": ("1" * 12,)}, Severity.MEDIUM),
    ],
)
def test_an_unused_rule_is_as_bad_as_it_opens(opens, severity):
    [item] = advice(replace(UNUSED, **opens))
    assert (item.kind, item.severity) == (AdviceKind.RETIRE, severity)


@pytest.mark.parametrize(
    ("days", "ends", "band"),
    [
        (3.0, {}, Band.LOW),
        (7.0, {}, Band.MEDIUM),
        (28.0, {}, Band.HIGH),
        (28.0, {"scheduled": ("shop/CronJob/month (0 1 1 * *)",)}, Band.LOW),
        (28.0, {"unobserved": ("shop/Deployment/quiet",)}, Band.LOW),
    ],
)
def test_confidence_says_how_likely_nothing_needs_it(days, ends, band):
    [item] = advice(replace(UNUSED, **ends), days=days)
    assert item.confidence is band
    assert f"within {days:.1f} days" in item.reason
    assert all(end in item.reason for ends in ends.values() for end in ends)


@pytest.mark.parametrize(
    "change", [{"unresolved": True}, {"unobserved": UNUSED.subjects}, {"subjects": (), "unobserved": ()}]
)
def test_no_advice_where_a_use_could_not_have_been_seen(change):
    assert advice(replace(UNUSED, **change)) == ()


@pytest.mark.parametrize(
    ("change", "words", "severity"),
    [
        ({"ports": 0}, "it opens every port; used: TCP/5432", Severity.MEDIUM),
        ({"ports": 1000}, "it opens 1000 ports; used: TCP/5432", Severity.LOW),
        ({"opening": Opening.ANYWHERE}, "nobody outside used it", Severity.MEDIUM),
        ({"known_peers": 40, "used_peers": 2}, "it names 40 known workloads as peers; 2 used it", Severity.LOW),
    ],
)
def test_a_rule_much_wider_than_its_use_could_be_tightened(change, words, severity):
    [item] = advice(replace(USED, **change))
    assert (item.kind, item.severity) == (AdviceKind.TIGHTEN, severity)
    assert words in item.reason


@pytest.mark.parametrize(
    "change",
    [
        {"ports": 0, "used_ports": tuple(f"TCP/{n}" for n in range(6))},
        {"opening": Opening.ANYWHERE, "used_outside": 1},
        {"known_peers": 9, "used_peers": 1},
        {"known_peers": 40, "used_peers": 20},
    ],
)
def test_a_wide_rule_that_is_widely_used_is_left_alone(change):
    assert advice(replace(USED, **change)) == ()


def test_a_policy_that_selects_nobody_goes_as_a_whole():
    [item] = advice(UNUSED, policies=[replace(POLICY, selects=0)])
    assert (item.path, item.severity, item.kind) == ("", Severity.LOW, AdviceKind.RETIRE)


def test_the_most_severe_stands_first_whatever_the_order():
    wide = replace(UNUSED, path="spec.ingress[1]", opening=Opening.ANYWHERE)
    assert [item.path for item in advice(UNUSED, wide)] == [item.path for item in advice(wide, UNUSED)]
    assert advice(UNUSED, wide)[0].path == "spec.ingress[1]"
