import gc

import pytest

from recommender.memory import return_freed_memory, without_cycle_collection


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


@pytest.mark.parametrize("library", [None, object()])
def test_freed_memory_is_handed_back_where_that_can_be_asked_for(library, monkeypatch):
    if library is not None:
        monkeypatch.setattr("recommender.memory.ctypes.CDLL", lambda _: library)
    return_freed_memory()
