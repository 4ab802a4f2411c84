"""How memory is given back while a run works."""

from __future__ import annotations

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
