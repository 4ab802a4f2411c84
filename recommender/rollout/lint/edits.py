"""How each fixable trap is taken out of a file's text, so that comments and everything else stay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import yaml

from recommender.rollout.lint.codes import (
    ALLOWS_NOTHING,
    END_BELOW_PORT,
    NAME_LABEL,
    NO_POLICY_TYPES,
    REDUNDANT,
    SHADOWED,
)
from recommender.rollout.lint.traps.network_policy import METADATA_NAME, NAME_KEY
from recommender.semantics.policy_files import child

if TYPE_CHECKING:
    from recommender.rollout.lint.manifest_set import Hit, WrittenPolicy

STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
"""A key or an index of a path."""
_REMOVED: Final = (REDUNDANT, SHADOWED, ALLOWS_NOTHING)
FIXABLE: Final = (NO_POLICY_TYPES, NAME_LABEL, END_BELOW_PORT, *_REMOVED)
"""What `edit` knows; whether an edit is kept is decided by its proof."""


def edit(hit: Hit, policy: WrittenPolicy, text: str) -> tuple[str, str] | None:
    """The file's new text, and what was done; None if the text cannot be edited safely."""
    node = _node(policy.source.node, hit.path)
    if hit.finding is NO_POLICY_TYPES:
        return _with_types(node, text)
    if hit.finding is NAME_LABEL:
        return _with_metadata_name(node, text)
    if hit.finding is END_BELOW_PORT:
        return _without_end(node, text)
    if hit.finding in _REMOVED and node is not None:
        return _without_item(policy, hit.path, node, text)
    return None


def _with_types(node: yaml.Node | None, text: str) -> tuple[str, str] | None:
    if not isinstance(node, yaml.MappingNode) or not node.value:
        return None
    start = node.value[0][0].start_mark
    if node.flow_style:
        return _at(text, start.index, '"policyTypes": ["Ingress", "Egress"], '), "policyTypes written out"
    line = f"policyTypes: [Ingress, Egress]\n{' ' * start.column}"
    return _at(text, start.index, line), "policyTypes written out"


def _with_metadata_name(node: yaml.Node | None, text: str) -> tuple[str, str] | None:
    labels = child(child(node, "namespaceSelector"), "matchLabels")
    for key, _ in labels.value if isinstance(labels, yaml.MappingNode) else ():
        if key.value == NAME_KEY:
            quote = key.style or ""
            start, end = key.start_mark.index, key.end_mark.index
            return f"{text[:start]}{quote}{METADATA_NAME}{quote}{text[end:]}", f"name became {METADATA_NAME}"
    return None


def _without_end(node: yaml.Node | None, text: str) -> tuple[str, str] | None:
    """The last endPort of the item that lies below its port goes; the next run takes the one before it."""
    ports = child(node, "ports")
    for item in reversed(ports.value) if isinstance(ports, yaml.SequenceNode) else ():
        low, high = child(item, "port"), child(item, "endPort")
        numbers = [one.value for one in (low, high) if isinstance(one, yaml.ScalarNode) and one.value.isdigit()]
        if len(numbers) == 2 and int(numbers[1]) < int(numbers[0]):  # noqa: PLR2004 - port and endPort
            edited = _without_key(item, "endPort", text)
            return (edited, "endPort removed") if edited else None
    return None


def _without_key(node: yaml.Node, name: str, text: str) -> str:
    """A mapping without one of its keys; empty if it cannot be taken out by itself."""
    if not isinstance(node, yaml.MappingNode):
        return ""
    pairs = node.value
    place = next(place for place, (key, _) in enumerate(pairs) if key.value == name)
    key, value = pairs[place]
    if node.flow_style and place + 1 < len(pairs):
        return text[: key.start_mark.index] + text[pairs[place + 1][0].start_mark.index :]
    if node.flow_style and place:
        return text[: pairs[place - 1][1].end_mark.index] + text[value.end_mark.index :]
    lines = text.splitlines(keepends=True)
    line = key.start_mark.line
    if node.flow_style or lines[line][: key.start_mark.column].strip() or value.end_mark.line != line:
        return ""
    return "".join((*lines[:line], *lines[line + 1 :]))


def _node(node: yaml.Node | None, path: str) -> yaml.Node | None:
    for name, index in STEP.findall(path):
        node = child(node, int(index) if index else name)
    return node


def _at(text: str, index: int, inserted: str) -> str:
    return text[:index] + inserted + text[index:]


def _without_item(policy: WrittenPolicy, path: str, node: yaml.Node, text: str) -> tuple[str, str] | None:
    """A list item of block style and the comments right above it go; the last of a list stays, since it isolates."""
    parent = _node(policy.source.node, path.rpartition("[")[0])
    if not isinstance(parent, yaml.SequenceNode) or parent.flow_style or len(parent.value) == 1:
        return None
    lines = text.splitlines(keepends=True)
    first, last = node.start_mark.line, node.end_mark.line + (1 if node.end_mark.column > node.start_mark.column else 0)
    last = max(last, first + 1)
    while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#")):
        last -= 1
    if lines[first][: node.start_mark.column].strip() != "-":
        return None
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return "".join((*lines[:first], *lines[last:])), "removed"
