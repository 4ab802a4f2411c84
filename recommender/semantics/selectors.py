"""Label selectors of both APIs, compiled to requirements over labels with a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from recommender.semantics.document import Node

SOURCES: Final = frozenset(
    {"k8s", "any", "reserved", "cidr", "fqdn", "container", "unspec", "cni", "cidrgroup", "node"}
)

_REMEMBERED: Final = 1 << 16
"""Selectors and label texts of a large cluster."""
_NAME: Final = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PREFIX: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


class Operator(StrEnum):
    """A set-based requirement's operator (Kubernetes `LabelSelectorRequirement`)."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One condition on one label, its key written `source:key`."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def met_by(self, labels: Mapping[str, str]) -> bool:
        """Does it hold? A missing key meets NotIn and DoesNotExist."""
        match self.operator:
            case Operator.IN:
                return labels.get(self.key) in self.values
            case Operator.NOT_IN:
                return labels.get(self.key) not in self.values
            case Operator.EXISTS:
                return self.key in labels
            case Operator.DOES_NOT_EXIST:
                return self.key not in labels
            case _:
                assert_never(self.operator)


class LabelSelector(Protocol):
    """Chooses endpoints by their labels, `source:key` to value; equal ones choose the same."""

    def __hash__(self) -> int: ...

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether an endpoint with these labels is selected."""
        ...

    def demanded(self) -> Iterator[tuple[str, str]]:
        """Labels without which nothing is selected; there may be more than it names."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """All requirements must hold; none means everything."""

    requirements: frozenset[Requirement] = frozenset()

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether an endpoint with these labels is selected."""
        return all(requirement.met_by(labels) for requirement in self.requirements)

    def demanded(self) -> Iterator[tuple[str, str]]:
        """The labels that it asks for with one value only."""
        for requirement in self.requirements:
            if requirement.operator is Operator.IN and len(requirement.values) == 1:
                (value,) = requirement.values
                yield requirement.key, value

    def has_key(self, *prefixes: str) -> bool:
        """Whether any requirement's key starts with one of these."""
        return any(requirement.key.startswith(prefixes) for requirement in self.requirements)

    def plus(self, *requirements: Requirement) -> Selector:
        """This selector, narrowed."""
        return Selector(requirements=self.requirements.union(requirements))

    def without_label(self, key: str) -> Selector:
        """This selector without its single-value requirements on a key, which the policy's own namespace overrides."""
        kept = (item for item in self.requirements if item.key != key or not _is_match_label(item))
        return Selector(requirements=frozenset(kept))


def equal(key: str, value: str) -> Requirement:
    """The requirement that a label has one value."""
    return Requirement(key=key, operator=Operator.IN, values=frozenset({value}))


def exists(key: str) -> Requirement:
    """The requirement that a label is there."""
    return Requirement(key=key, operator=Operator.EXISTS)


def kubernetes_key(prefix: str = "") -> Callable[[str], str]:
    """How a NetworkPolicy selector's key is looked up: always a Kubernetes label, here below a prefix."""
    return lambda key: f"k8s:{prefix}{key}"


def cilium_key(key: str) -> str:
    """How a Cilium selector's key is looked up: a bare key matches labels of any source."""
    source, colon, rest = key.partition(":")
    if colon and source in SOURCES:
        return f"{source}:{rest}"
    return f"any:{key}"


def read_selector(node: Node, key: Callable[[str], str]) -> Selector:
    """What does a `matchLabels`/`matchExpressions` mapping select?

    Args:
        node: The selector's node; an empty mapping selects everything.
        key: How its keys are looked up.

    Raises:
        InvalidPolicyError: A key, value or operator that Kubernetes refuses.
    """
    node.known("matchLabels", "matchExpressions")
    asked: dict[str, str] = {}
    labels = node.get("matchLabels")
    if labels:
        for name, value in labels.text_map().items():
            _check_key(labels, key(name))
            check_label_value(labels, value)
            asked[key(name)] = value
    selector = _selector_of(tuple(asked.items()))
    expressions = node.list_of("matchExpressions")
    return selector.plus(*(_read_expression(item, key) for item in expressions)) if expressions else selector


@lru_cache(maxsize=_REMEMBERED)
def _selector_of(labels: tuple[tuple[str, str], ...]) -> Selector:
    """A group's selector stands in every rule that names it: one object serves all."""
    return Selector(requirements=frozenset(equal(key, value) for key, value in labels))


def _read_expression(node: Node, key: Callable[[str], str]) -> Requirement:
    node.known("key", "operator", "values")
    name = key(node.need("key").text())
    _check_key(node, name)
    operator_node = node.need("operator")
    try:
        operator = Operator(operator_node.text())
    except ValueError:
        raise operator_node.refusal(f'"{operator_node.value}" is not a valid selector operator') from None
    values = tuple(item.text() for item in node.list_of("values"))
    takes_values = operator in {Operator.IN, Operator.NOT_IN}
    if takes_values and not values:
        raise node.refusal("values must be specified when operator is In or NotIn")
    if values and not takes_values:
        raise node.refusal("values may not be specified when operator is Exists or DoesNotExist")
    for value in values:
        check_label_value(node, value)
    return Requirement(key=name, operator=operator, values=frozenset(values))


def _check_key(node: Node, key: str) -> None:
    source, _, rest = key.partition(":")
    if source != "cidr":
        check_label_key(node, rest)


def check_label_key(node: Node, key: str) -> None:
    """Refuse what is no label key: an optional DNS prefix and `/`, then up to 63 of A-Z, a-z, 0-9, `-`, `_` and `.`."""
    if not _is_label_key(key):
        raise node.refusal(f'"{key}" is not a valid label key')


def check_label_value(node: Node, value: str) -> None:
    """Refuse what is no label value: empty, or up to 63 of A-Z, a-z, 0-9, `-`, `_` and `.`."""
    if value and not _is_name(value):
        raise node.refusal(f'"{value}" is not a valid label value')


@lru_cache(maxsize=_REMEMBERED)
def _is_label_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    return (not slash or bool(_PREFIX.fullmatch(prefix))) and _is_name(name)


@lru_cache(maxsize=_REMEMBERED)
def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text))


def _is_match_label(requirement: Requirement) -> bool:
    return requirement.operator is Operator.IN and len(requirement.values) == 1
