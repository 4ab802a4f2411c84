"""The fewest selectors that together select what many do, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.dialect.label_selector import Asked, Wanted

_Frozen = tuple[tuple[str, "Asked"], ...]


def merged(selectors: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Join selectors that differ in the values of one key only, as `In`, until none do.

    A selector is a conjunction, so joining over one key is exact: `a=1,b=2` and `a=1,b=3` are `a=1,b in (2,3)`, but
    `a=1,b=2` and `a=2,b=3` stay apart. The key that joins most goes first; the result does not depend on the order of
    the input. Greedy, so not always the very fewest.
    """
    found = {_frozen(wanted) for wanted in selectors}
    while found:
        keys = sorted({key for selector in found for key, _ in selector})
        candidates = [joined for key in keys if len(joined := _joined(found, key)) < len(found)]
        if not candidates:
            break
        found = min(candidates, key=lambda joined: (len(joined), sorted(joined, key=repr)))
    return tuple(dict(selector) for selector in sorted(found, key=repr))


def _frozen(wanted: Wanted) -> _Frozen:
    return tuple(
        (key, tuple(sorted(values)) if isinstance(values, tuple) else values) for key, values in sorted(wanted.items())
    )


def _joined(selectors: set[_Frozen], key: str) -> set[_Frozen]:
    """The selectors with those joined that differ in the values of `key` only."""
    values: defaultdict[_Frozen, set[str]] = defaultdict(set)
    apart: set[_Frozen] = set()
    for selector in selectors:
        own = dict(selector).get(key)
        if own and isinstance(own, tuple):
            values[tuple(item for item in selector if item[0] != key)].update(own)
        else:
            apart.add(selector)
    return apart | {tuple(sorted([*rest, (key, tuple(sorted(found)))])) for rest, found in values.items()}
