import gc

import pytest

from recommender.memory import without_cycle_collection


@pytest.mark.parametrize("was_on", [True, False])
def test_cycles_are_left_alone_only_for_a_while(was_on):
    before = gc.isenabled()
    try:
        (gc.enable if was_on else gc.disable)()
        with without_cycle_collection():
            assert not gc.isenabled()
        assert gc.isenabled() is was_on
    finally:
        (gc.enable if before else gc.disable)()
