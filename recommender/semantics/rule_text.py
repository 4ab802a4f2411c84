"""How does a rule stand in its file: its line, its text, and the comment lines above it?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.errors import InvalidPolicyError
from recommender.semantics.policy_files import child
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import yaml

    from recommender.semantics.policy_files import PolicySource

_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_MAX_LINES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """A rule as its author wrote it."""

    file: str
    line: int
    """Counted from 1."""
    comments: tuple[str, ...]
    """The comment lines right above it, without `#`: in our own manifests the rule's evidence."""
    text: tuple[str, ...]
    """Its lines, without their common indentation and without comments; at most 60."""


def sources_by_policy(sources: Iterable[PolicySource]) -> dict[str, tuple[PolicySource, ...]]:
    """The documents of each policy (`Kind/namespace/name`); several only if several clusters have one of this name."""
    found: dict[str, tuple[PolicySource, ...]] = {}
    for source in sources:
        try:
            name = policy_name(source.document.document)
        except InvalidPolicyError as error:
            raise InvalidPolicyError(
                error.what, where=f"{source.document.path}: {error.where}", hint=error.hint
            ) from error
        found[name] = (*found.get(name, ()), source)
    return found


def rule_text(
    sources: Mapping[str, tuple[PolicySource, ...]], policy: str, path: str, *, cluster: str = ""
) -> RuleText | None:
    """Where does the rule at this path of this policy stand? None if the policy is not among the sources.

    Args:
        sources: As `sources_by_policy` returns them.
        policy: `Kind/namespace/name`.
        path: Such as `spec.egress[2]`.
        cluster: Decides between documents of the same name for several clusters.
    """
    candidates = sources.get(policy, ())
    chosen = [item for item in candidates if item.document.cluster in {"", cluster}] or list(candidates)
    if not chosen:
        return None
    node: yaml.Node | None = chosen[0].node
    for name, index in _STEP.findall(path):
        node = child(node, int(index) if index else name)
    return _text(chosen[0], node) if node is not None else None


def _text(source: PolicySource, node: yaml.Node) -> RuleText:
    first, last = node.start_mark.line, node.end_mark.line
    lines = list(source.lines[first:last])
    if node.end_mark.column:
        lines.append(source.lines[last][: node.end_mark.column])
    kept = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return RuleText(
        file=source.document.path,
        line=first + 1,
        comments=_comments_above(source.lines, first),
        text=_dedented(kept, node.start_mark.column)[:_MAX_LINES],
    )


def _dedented(lines: list[str], column: int) -> tuple[str, ...]:
    """The first line starts at the node's column (after `- `); the others lose what they share with it."""
    if not lines:
        return ()
    rest = [line[column:] if not line[:column].strip(" -") else line.lstrip() for line in lines[1:]]
    return (lines[0][column:], *(line.rstrip() for line in rest))


def _comments_above(lines: tuple[str, ...], first: int) -> tuple[str, ...]:
    found: list[str] = []
    for line in reversed(lines[:first]):
        text = line.strip()
        if not text.startswith("#"):
            break
        found.append(text.lstrip("#").strip())
    return tuple(reversed(found))
