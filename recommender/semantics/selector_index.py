"""Selectors sorted by a label that they demand, so that an endpoint is only compared with those that may select it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recommender.semantics.selectors import LabelSelector

Label = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorIndex:
    """Which of many selectors select an endpoint?"""

    by_label: Mapping[Label, tuple[LabelSelector, ...]]
    """Under one label with one value that the selector demands: the one that the fewest selectors demand."""
    others: tuple[LabelSelector, ...]
    """Selectors that demand no such label."""

    @classmethod
    def of(cls, selectors: Iterable[LabelSelector]) -> SelectorIndex:
        """The index of these selectors."""
        kept = tuple(selectors)
        demand = Counter(label for selector in kept for label in selector.demanded())
        by_label: dict[Label, list[LabelSelector]] = defaultdict(list)
        others = []
        for selector in kept:
            labels = list(selector.demanded())
            if labels:
                by_label[min(labels, key=lambda label: (demand[label], label))].append(selector)
            else:
                others.append(selector)
        return cls(by_label={label: tuple(found) for label, found in by_label.items()}, others=tuple(others))

    def selecting(self, labels: Mapping[str, str]) -> Iterator[LabelSelector]:
        """The selectors that select an endpoint with these labels."""
        for label in labels.items():
            for selector in self.by_label.get(label, ()):
                if selector.selects(labels):
                    yield selector
        for selector in self.others:
            if selector.selects(labels):
                yield selector
