import pytest

from tests.edges.captures import MINUTE_NS, HandMadeCapture
from tests.edges.test_names import OUTSIDE, call, lookup


def unconnected(capture):
    return [(str(item.client), item.count, item.names) for item in capture.observe().unconnected]


def test_a_name_that_was_resolved_and_never_called():
    capture = HandMadeCapture()
    lookup(capture, "pay.example.com", OUTSIDE[0])
    lookup(capture, "tax.example.com", "203.0.113.11", "203.0.113.12")
    call(capture, at=MINUTE_NS)
    assert unconnected(capture) == [("shop/Deployment/web", 1, ("tax.example.com",))]


def test_a_call_to_any_of_its_addresses_under_any_name_counts():
    capture = HandMadeCapture()
    lookup(capture, "pay.example.com", OUTSIDE[0], "203.0.113.11")
    lookup(capture, "alias.example.com", OUTSIDE[0], at=2)
    call(capture, at=MINUTE_NS)
    assert unconnected(capture) == []


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("db.shop.svc.cluster.local", "10.96.0.4"),
        ("db.corp.example.com", "10.9.8.7"),
        ("db.corp.example.com", "172.16.0.1"),
        ("db.corp.example.com", "fd00::1"),
        ("no_such name", "203.0.113.10"),
    ],
)
def test_what_is_not_outside_is_no_matter(name, address):
    capture = HandMadeCapture()
    lookup(capture, name, address)
    assert unconnected(capture) == []


def test_names_that_do_not_exist_are_no_matter():
    capture = HandMadeCapture()
    lookup(capture, "typo.example.com", rcode=3)
    assert unconnected(capture) == []
