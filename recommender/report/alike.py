"""Parts of the view that come again in many of its rows, as one object each: nobody changes a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value", bound="Hashable")
Viewed = TypeVar("Viewed")


class Alike:
    """Remembers what equal values look like."""

    def __init__(self) -> None:
        self._known: dict[tuple[Callable[[Any], Any], Hashable], Any] = {}

    def once(self, value: Value, view: Callable[[Value], Viewed]) -> Viewed:
        """What a value looks like, by a function that depends on nothing else and never gives None."""
        known: Viewed | None = self._known.get((view, value))
        if known is None:
            known = self._known[view, value] = view(value)
        return known
