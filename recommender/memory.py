"""How memory is given back while a run works."""

from __future__ import annotations

import ctypes
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_cycle_collection() -> Iterator[None]:
    """Leave reference cycles alone for a while; everything else is given back at once, as always.

    The values of a run are trees of millions of objects that live until its end. Python's collector looks for cycles
    among all of them again and again as they become more, and there are none.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def return_freed_memory() -> None:
    """Hand back to the system what was freed since, between the parts of a run: glibc keeps it for what may come.

    Where the C library does not offer that (`malloc_trim`, glibc), nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
