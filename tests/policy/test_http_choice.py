import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.model.http_path import MARK, MAX_PROGRAM_SIZE, program_size
from recommender.model.http_rule import SetAsideReason
from recommender.policy.http_choice import REGULAR, SCAN_PATHS, choose
from tests.policy.http_scene import kind, orders, turned_away


def told(choice):
    return {rule.text: rule.requests for rule in choice.rules}


def reasons(choice):
    return {(item.method, item.path): item.reason for item in choice.set_aside}


def test_three_paths_make_a_template_and_two_do_not():
    assert told(choose([orders("GET", 1, 2, 3)])) == {"GET /orders/{integer}": 3}
    choice = choose([orders("GET", 1, 2, each=4)])
    assert told(choice) == {"GET /orders/1": 4, "GET /orders/2": 4}
    assert all(rule.literal_identifiers for rule in choice.rules)


def test_a_template_is_a_property_of_the_path_and_serves_each_method_seen_on_it():
    choice = choose([orders("GET", 1, 2), orders("DELETE", 3)])
    assert told(choice) == {"GET /orders/{integer}": 2, "DELETE /orders/{integer}": 1}


def test_edges_of_a_pair_are_counted_together():
    assert told(choose([orders("GET", 1, each=2), orders("GET", 2), orders("GET", 3)])) == {"GET /orders/{integer}": 4}


def test_words_are_never_folded():
    paths = [f"/users/{name}" for name in ("ann", "bob", "eve", "joe")]
    assert len(choose([kind("GET", path) for path in paths]).rules) == 4


def test_a_literal_path_that_a_template_covers_joins_it():
    """A hash of digits alone looks like a number."""
    hashes = kind("GET", "/c/1a2b3c4", "/c/9f8e7d6", "/c/0a1b2c3", shape=f"/c/{MARK}h")
    digits = kind("GET", "/c/12345678", shape=f"/c/{MARK}i")
    assert told(choose([hashes, digits])) == {"GET /c/{hex}": 4}


def test_grpc_methods_are_written_as_they_are_and_have_no_query():
    (rule,) = choose([kind("POST", "/shop.v1.Cart/AddItem", each=9)]).rules
    assert rule.pattern == "/shop[.]v1[.]Cart/AddItem"


def test_everything_that_is_not_folded_is_escaped_and_any_query_may_follow():
    (rule,) = choose([kind("GET", "/a.b/(x)|*+$", each=3)]).rules
    assert rule.pattern == "/a[.]b/[(]x[)][|][*][+][$]([?].*)?"


def test_requests_that_were_denied_last_are_left_out():
    choice = choose([kind("GET", "/a"), kind("GET", "/admin", each=50, denied=50, forbidden=True)])
    assert told(choice) == {"GET /a": 1}
    assert reasons(choice) == {("GET", "/admin"): SetAsideReason.DENIED}


def test_requests_that_were_denied_first_and_then_allowed_are_kept_and_say_so():
    (rule,) = choose([kind("GET", "/a", each=9, denied=2)]).rules
    assert rule.denied == 2


def test_many_paths_that_were_all_turned_away_are_a_scan_however_often_repeated():
    scan = [turned_away("GET", f"/{letter}.php", each=20) for letter in "abcdefghij"]
    assert len(scan) == SCAN_PATHS
    choice = choose([kind("GET", "/shop"), *scan])
    assert told(choice) == {"GET /shop": 1}
    assert set(reasons(choice).values()) == {SetAsideReason.SCAN}
    assert sum(item.requests for item in choice.set_aside) == 200


def test_odd_paths_count_towards_a_scan():
    odd = turned_away("", *(f"/../{letter}" for letter in "abcdef"), shape="", malformed=True)
    choice = choose([kind("GET", "/shop"), odd, *(turned_away("GET", f"/{letter}.php", each=9) for letter in "abcd")])
    assert told(choice) == {"GET /shop": 1}
    assert set(reasons(choice).values()) == {SetAsideReason.SCAN, SetAsideReason.MALFORMED}


def test_numbering_through_identifiers_in_vain_is_a_scan_too():
    choice = choose(
        [kind("GET", "/shop"), turned_away("GET", *(f"/user/{n}" for n in range(10)), shape=f"/user/{MARK}i")]
    )
    assert set(reasons(choice).values()) == {SetAsideReason.SCAN}


def test_a_habit_that_is_always_turned_away_is_kept_and_marked_but_an_attempt_is_not():
    choice = choose([kind("GET", "/a"), turned_away("GET", "/config", each=REGULAR), turned_away("GET", "/.env")])
    assert told(choice) == {"GET /a": 1, "GET /config": REGULAR}
    assert {rule.text for rule in choice.rules if rule.unserved} == {"GET /config"}
    assert reasons(choice) == {("GET", "/.env"): SetAsideReason.UNSERVED}


def test_what_a_template_lets_pass_anyway_is_no_attempt():
    choice = choose([orders("GET", 1, 2, 3), turned_away("GET", "/orders/999", shape="/orders/999")])
    assert told(choice) == {"GET /orders/{integer}": 4}
    assert not choice.set_aside


def test_a_method_that_is_always_turned_away_does_not_join_a_template():
    choice = choose([orders("GET", 1, 2, 3), orders("DELETE", 1, turned_away=1)])
    assert told(choice) == {"GET /orders/{integer}": 3}
    assert reasons(choice) == {("DELETE", "/orders/1"): SetAsideReason.UNSERVED}


def test_an_edge_that_was_served_speaks_for_one_that_was_not():
    served, not_served = orders("GET", *range(20)), orders("GET", *range(30, 50), turned_away=20)
    assert told(choose([served, not_served])) == {"GET /orders/{integer}": 40}


def test_failing_servers_are_no_fault_of_the_request():
    assert told(choose([kind("GET", "/a", each=7, responses=7, turned_away=0)])) == {"GET /a": 7}


@pytest.mark.parametrize(("responses", "unsayable"), [(3, 3), (0, 3)])
def test_odd_requests_that_may_have_been_served_are_counted(responses, unsayable):
    odd = kind("", "/../x", shape="", malformed=True, requests=3, responses=responses, turned_away=0)
    assert choose([odd]).unsayable == unsayable


def test_odd_requests_that_were_turned_away_are_left_out():
    odd = turned_away("", "/../x", each=3, malformed=True)
    choice = choose([odd, kind("GET", "/a")])
    assert choice.unsayable == 0
    assert reasons(choice) == {("", "/../x"): SetAsideReason.MALFORMED}


def test_paths_too_long_for_envoy_are_counted_and_shorter_ones_give_up_the_wider_query():
    choice = choose([kind("GET", "/" + "a" * 99), kind("GET", "/" + "b" * 88)])
    assert choice.too_long == 1
    (rule,) = choice.rules
    assert rule.pattern.endswith("([?][!-~]*)?")


def test_requests_beyond_the_samples_are_not_lost():
    many = kind("GET", *(f"/x/{n}" for n in range(100, 130)), shape=f"/x/{MARK}i", denied=30, forbidden=True)
    choice = choose([many])
    assert sum(item.requests for item in choice.set_aside) + choice.set_aside_beyond == 30


PATHS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\\"), max_size=90)
KINDS = st.lists(
    st.one_of(
        st.builds(lambda path, method: kind(method, "/" + path), PATHS, st.sampled_from(["GET", "POST", "M-SEARCH"])),
        st.builds(lambda numbers: orders("GET", *numbers), st.sets(st.integers(0, 50), min_size=1, max_size=8)),
    ),
    max_size=12,
)


@given(kinds=KINDS, seed=st.integers())
def test_rules_do_not_depend_on_order_and_never_exceed_what_envoy_takes(kinds, seed):
    choice = choose(kinds)
    shuffled = list(kinds)
    random.Random(seed).shuffle(shuffled)
    assert choose(shuffled) == choice
    assert all(program_size(rule.pattern) <= MAX_PROGRAM_SIZE for rule in choice.rules)
