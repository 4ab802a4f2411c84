"""A policy's text against the one that an earlier run left in the cluster."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from recommender.dialect.yaml_text import document

_KEPT: Final = ("apiVersion", "kind", "metadata", "spec", "specs")
_METADATA: Final = ("name", "namespace", "labels", "annotations")
_NOT_OURS: Final = "kubectl.kubernetes.io/"


def changed_lines(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """A unified difference, three lines of context; empty if a cluster would obey both alike.

    Comments and what an API server adds (status, managed fields, times) are left aside; keys are sorted, since an
    API server sorts them.
    """
    before, after = (document(_plain(_relevant(one))).splitlines() for one in (earlier, now))
    return tuple(difflib.unified_diff(before, after, "in the cluster", "now", lineterm=""))


def _relevant(root: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: root[key] for key in _KEPT if key in root}
    metadata = kept.get("metadata")
    if isinstance(metadata, Mapping):
        kept["metadata"] = {key: metadata[key] for key in _METADATA if metadata.get(key)}
        annotations = kept["metadata"].get("annotations")
        if isinstance(annotations, Mapping):
            ours = {key: value for key, value in annotations.items() if not str(key).startswith(_NOT_OURS)}
            kept["metadata"]["annotations"] = ours
    return kept


def _plain(node: Any) -> Any:
    """The node with sorted keys, in the types that our YAML knows."""
    if isinstance(node, Mapping):
        return {str(key): _plain(node[key]) for key in sorted(node, key=str)}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_plain(item) for item in node]
    return node if isinstance(node, str | int) else str(node)
