"""Label selectors, which both policy APIs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.dialect.yaml_text import Node
    from recommender.model.group import Requirement, Selector


@dataclass(frozen=True, slots=True)
class Without:
    """Values that a label must not have; a pod without the label meets it."""

    values: tuple[str, ...]
    """Sorted, at least one."""


Asked = tuple[str, ...] | Without | None
"""The values that are allowed; no values: any will do; None: the key must be absent."""

Wanted = dict[str, Asked]
"""What is asked of each label key."""


def wanted_labels(selector: Selector, *, prefix: str = "") -> Wanted:
    """What a group's selector asks of pod labels; `prefix` goes before every key."""
    return {f"{prefix}{one.key}": _asked(one) for one in selector.requirements}


def _asked(requirement: Requirement) -> Asked:
    if requirement.absent:
        return Without(requirement.values) if requirement.values else None
    return requirement.values


def selector_labels(wanted: Mapping[str, Asked]) -> dict[str, Node]:
    """A label selector: one value as `matchLabels`, several as `In`, else `NotIn`, `Exists` or `DoesNotExist`."""
    exact: dict[str, Node] = {
        key: values[0] for key, values in sorted(wanted.items()) if isinstance(values, tuple) and len(values) == 1
    }
    expressions = [_expression(key, values) for key, values in sorted(wanted.items()) if key not in exact]
    selector: dict[str, Node] = {}
    if exact:
        selector["matchLabels"] = exact
    if expressions:
        selector["matchExpressions"] = expressions
    return selector


def _expression(key: str, values: Asked) -> Node:
    if values is None:
        return {"key": key, "operator": "DoesNotExist"}
    if isinstance(values, Without):
        return {"key": key, "operator": "NotIn", "values": list(values.values)}
    return {"key": key, "operator": "In", "values": list(values)} if values else {"key": key, "operator": "Exists"}
