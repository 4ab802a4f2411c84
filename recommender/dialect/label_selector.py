"""Label selectors, which both policy APIs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.dialect.yaml_text import Node


def selector_labels(requirements: Mapping[str, tuple[str, ...]]) -> dict[str, Node]:
    """A Kubernetes label selector: one value as `matchLabels`, several as `In`, none as `Exists`."""
    exact: dict[str, Node] = {key: values[0] for key, values in sorted(requirements.items()) if len(values) == 1}
    expressions: list[Node] = [
        {"key": key, "operator": "In", "values": list(values)} if values else {"key": key, "operator": "Exists"}
        for key, values in sorted(requirements.items())
        if len(values) != 1
    ]
    selector: dict[str, Node] = {}
    if exact:
        selector["matchLabels"] = exact
    if expressions:
        selector["matchExpressions"] = expressions
    return selector
