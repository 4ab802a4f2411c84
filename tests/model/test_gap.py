from dataclasses import replace

import pytest

from recommender.model.gap import Gap, Severity

GAP = Gap(
    code="NPR403",
    title="Reachable from outside the cluster",
    severity=Severity.MEDIUM,
    subject="shop/Deployment/web",
    reason="2 edges from outside on TCP/8080",
    impact="An intruder needs no foothold.",
    action="Check it.",
    count=2,
    examples=("a", "b"),
    facts=("TCP/8080",),
)


def test_a_fingerprint_is_written_in_sixteen_hex_digits_and_stays_the_same():
    assert GAP.fingerprint == "e1f7fefed3ad25d4"


@pytest.mark.parametrize(
    "change",
    [
        {"severity": Severity.HIGH},
        {"title": "t"},
        {"reason": "3 edges from outside on TCP/8080"},
        {"impact": "i"},
        {"action": "a"},
        {"count": 3},
        {"examples": ()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_another_capture_changes_leaves_it_alone(change):
    assert replace(GAP, **change).fingerprint == GAP.fingerprint


@pytest.mark.parametrize(
    "change", [{"code": "NPR404"}, {"subject": "shop/Deployment/we"}, {"facts": ()}, {"facts": ("TCP/8080", "TCP/22")}]
)
def test_another_matter_has_another_fingerprint(change):
    assert replace(GAP, **change).fingerprint != GAP.fingerprint


def test_parts_cannot_be_shifted_from_one_into_another():
    one, other = replace(GAP, facts=("a", "b")), replace(GAP, facts=('a", "b',))
    assert one.fingerprint != other.fingerprint
    assert replace(GAP, subject="x", facts=("y",)).fingerprint != replace(GAP, subject='x", "y', facts=()).fingerprint
