"""Calico's selector expressions as trees: what `app == 'web' && !has(canary)` holds for (Calico docs, "Selectors")."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Lookup = Callable[[str], str | None]
    """The value of a label; None if it is not there."""


class Comparison(StrEnum):
    """How a label is compared with one text; without the label only `!=` holds."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    CONTAINS = "contains"
    STARTS_WITH = "starts with"
    ENDS_WITH = "ends with"


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """`all()`, and the empty expression."""

    def holds(self, lookup: Lookup) -> bool:
        """Always."""
        del lookup
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Global:
    """`global()`: what is in no namespace. Only a rule's namespaceSelector may say it, and only alone."""

    def holds(self, lookup: Lookup) -> bool:
        """Never for a namespace's labels."""
        del lookup
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """`has(key)`."""

    key: str

    def holds(self, lookup: Lookup) -> bool:
        """Whether the label is there."""
        return lookup(self.key) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """`key == 'text'` and its relatives."""

    key: str
    comparison: Comparison
    text: str

    def holds(self, lookup: Lookup) -> bool:
        """Whether the label compares so."""
        value = lookup(self.key)
        if value is None:
            return self.comparison is Comparison.NOT_EQUAL
        match self.comparison:
            case Comparison.EQUAL:
                return value == self.text
            case Comparison.NOT_EQUAL:
                return value != self.text
            case Comparison.CONTAINS:
                return self.text in value
            case Comparison.STARTS_WITH:
                return value.startswith(self.text)
            case Comparison.ENDS_WITH:
                return value.endswith(self.text)
            case _:
                assert_never(self.comparison)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """`key in {'a', 'b'}` or `key not in {…}`; the latter holds without the label."""

    key: str
    texts: frozenset[str]
    negated: bool

    def holds(self, lookup: Lookup) -> bool:
        """Whether the label is (not) one of the texts."""
        return (lookup(self.key) in self.texts) is not self.negated


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """`!(…)`."""

    inner: Expression

    def holds(self, lookup: Lookup) -> bool:
        """Whether the inner expression does not hold."""
        return not self.inner.holds(lookup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """`… && …`."""

    parts: tuple[Expression, ...]

    def holds(self, lookup: Lookup) -> bool:
        """Whether all parts hold."""
        return all(part.holds(lookup) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """`… || …`."""

    parts: tuple[Expression, ...]

    def holds(self, lookup: Lookup) -> bool:
        """Whether any part holds."""
        return any(part.holds(lookup) for part in self.parts)


Expression = Everything | Global | Has | Compared | OneOf | Not | Every | Some


def conjuncts(expression: Expression) -> Iterator[Expression]:
    """The parts of which all must hold."""
    if isinstance(expression, Every):
        for part in expression.parts:
            yield from conjuncts(part)
    else:
        yield expression


def keys_of(expression: Expression) -> Iterator[str]:
    """Every label key that it mentions."""
    match expression:
        case Everything() | Global():
            return
        case Has(key=key) | Compared(key=key) | OneOf(key=key):
            yield key
        case Not(inner=inner):
            yield from keys_of(inner)
        case Every(parts=parts) | Some(parts=parts):
            for part in parts:
                yield from keys_of(part)
        case _:
            assert_never(expression)


def mentions_global(expression: Expression) -> bool:
    """Whether `global()` stands anywhere in it."""
    match expression:
        case Global():
            return True
        case Not(inner=inner):
            return mentions_global(inner)
        case Every(parts=parts) | Some(parts=parts):
            return any(mentions_global(part) for part in parts)
        case _:
            return False
