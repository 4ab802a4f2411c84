import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.model.activity import active_hours


@given(st.sets(st.integers(0, 2000), max_size=80))
def test_hours_are_found_again_in_the_bits_of_numpy(hours):
    bits = np.zeros(max(hours, default=-1) + 1, np.uint8)
    bits[list(hours)] = 1
    assert active_hours(np.packbits(bits).tobytes()) == tuple(sorted(hours))


def test_no_bits_are_no_hours():
    assert active_hours(b"") == ()
