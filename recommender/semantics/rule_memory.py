"""Rules that were read before, for manifests that several proofs are about and items that come again in many."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from recommender.semantics.compiled import CompiledRule
    from recommender.semantics.document import Node

    Read = tuple[Any, str, tuple[CompiledRule, ...]]
    """The item, which must live as long as its identity counts; its path; its rules."""


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """What items of rule lists say, by the circumstances in which they are read and by their identity.

    Whoever hands documents to a memory changes nothing in them.
    """

    _known: dict[Hashable, dict[int, Read]] = field(default_factory=dict, repr=False)

    def read(
        self, circumstances: Hashable, items: tuple[Node, ...], read: Callable[[Node], tuple[CompiledRule, ...]]
    ) -> tuple[CompiledRule, ...]:
        """The rules of all items, each at its own path.

        Args:
            circumstances: Everything beside the item that decides what it says.
            items: The nodes of a list of rules.
            read: What one of them says; it raises what it raises.
        """
        known = self._known.setdefault(circumstances, {})
        found: list[CompiledRule] = []
        for item in items:
            before = known.get(id(item.value))
            if before is None:
                rules = read(item)
                known[id(item.value)] = (item.value, item.path, rules)
                found += rules
            else:
                _, path, rules = before
                found += rules if path == item.path else [rule.at(item.path + rule.path[len(path) :]) for rule in rules]
        return tuple(found)

    def forget(self) -> None:
        """Let go of everything."""
        self._known.clear()
