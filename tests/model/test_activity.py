from hypothesis import given
from hypothesis import strategies as st

from recommender.model.activity import active_hours, activity_of


@given(st.sets(st.integers(0, 2000), max_size=80))
def test_hours_are_found_again(hours):
    assert active_hours(activity_of(hours)) == tuple(sorted(hours))


def test_no_hours_take_no_room():
    assert activity_of([]) == b""
    assert active_hours(b"") == ()
