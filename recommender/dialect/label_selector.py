"""Label selectors, which both policy APIs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.dialect.yaml_text import Node
    from recommender.model.group import Selector


Wanted = dict[str, tuple[str, ...] | None]
"""Label key to the values that are allowed; no values: any will do; None: the key must be absent."""


def wanted_labels(selector: Selector, *, prefix: str = "") -> Wanted:
    """What a group's selector asks of pod labels; `prefix` goes before every key."""
    return {f"{prefix}{one.key}": None if one.absent else one.values for one in selector.requirements}


def selector_labels(wanted: Mapping[str, tuple[str, ...] | None]) -> dict[str, Node]:
    """A Kubernetes label selector: one value as `matchLabels`, several as `In`, else `Exists` or `DoesNotExist`."""
    exact: dict[str, Node] = {key: values[0] for key, values in sorted(wanted.items()) if values and len(values) == 1}
    expressions = [_expression(key, values) for key, values in sorted(wanted.items()) if key not in exact]
    selector: dict[str, Node] = {}
    if exact:
        selector["matchLabels"] = exact
    if expressions:
        selector["matchExpressions"] = expressions
    return selector


def _expression(key: str, values: tuple[str, ...] | None) -> Node:
    if values is None:
        return {"key": key, "operator": "DoesNotExist"}
    return {"key": key, "operator": "In", "values": list(values)} if values else {"key": key, "operator": "Exists"}
