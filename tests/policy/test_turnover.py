import pytest

from recommender.policy.turnover import Turnover

HOUR = 3_600_000_000_000


@pytest.mark.parametrize(
    ("hours", "until", "late", "growing"),
    [
        ((0, 1, 2), 168, 0, False),
        ((0, 1, 100), 168, 1, True),
        ((0, 1, 2, 100), 168, 1, False),
        ((0, 1, 90, 100), 168, 2, True),
        ((0, 1, 84), 168, 0, False),
        ((0, 1, 20), 23, 1, False),
        ((0, 1, 20), 24, 1, True),
        ((150, 151, 152), 168, 0, False),
        ((), 168, 0, False),
    ],
)
def test_a_list_grows_if_its_first_half_would_have_cut_a_third_later(hours, until, late, growing):
    turnover = Turnover.of((hour * HOUR for hour in hours), until=until * HOUR)
    assert (turnover.late, turnover.is_growing) == (late, growing)
