"""DNS names and patterns, as `toFQDNs` and `rules.dns` read them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from recommender.semantics.document import Node

_NAME_CHARACTERS: Final = re.compile(r"[-0-9a-zA-Z._]+")
_PATTERN_CHARACTERS: Final = re.compile(r"[-0-9a-zA-Z._*]+")
_LABEL_TEXT: Final = "[-a-z0-9_]*"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePattern:
    """A DNS name or pattern, in lower case without a trailing dot."""

    text: str
    exact: bool
    _expression: re.Pattern[str] = field(compare=False, repr=False)

    @classmethod
    def of(cls, text: str, *, exact: bool) -> NamePattern:
        """A name, or a pattern: `*` stands inside one label, a leading `**.` for any labels, a lone `*` for all names.

        Source: Cilium docs "DNS based", `pkg/fqdn/matchpattern`.
        """
        lowered = text.lower().rstrip(".")
        expression = re.escape(lowered) if exact else _expression(lowered)
        return cls(text=lowered, exact=exact, _expression=re.compile(expression))

    def covers(self, name: str) -> bool:
        """Whether a lower-case name without a trailing dot matches."""
        return self._expression.fullmatch(name) is not None


def _expression(pattern: str) -> str:
    if set(pattern) == {"*"}:
        return "([-a-z0-9_]+[.])*[-a-z0-9_]*"
    depth = ""
    if pattern.startswith("**."):
        depth, pattern = r"([-a-z0-9_]+[.])*[-a-z0-9_]+[.]", pattern[3:]
    return depth + _LABEL_TEXT.join(re.escape(part) for part in re.split(r"\*+", pattern))


def read_name_pattern(node: Node) -> NamePattern:
    """Which names does a `matchName`/`matchPattern` item mean?

    Raises:
        InvalidPolicyError: Neither or both are given, or a character that no DNS name has.
    """
    node.known("matchName", "matchPattern")
    name, pattern = node.get("matchName"), node.get("matchPattern")
    name = name if name and name.text() else None
    pattern = pattern if pattern and pattern.text() else None
    if name and pattern:
        raise node.refusal("only one of matchName and matchPattern may be given")
    if name:
        if not _NAME_CHARACTERS.fullmatch(name.text()):
            raise name.refusal(
                f'invalid characters in "{name.value}"; only 0-9, a-z, A-Z, ".", "-" and "_" are allowed'
            )
        return NamePattern.of(name.text(), exact=True)
    if pattern:
        if not _PATTERN_CHARACTERS.fullmatch(pattern.text()):
            raise pattern.refusal(
                f'invalid characters in "{pattern.value}"; only 0-9, a-z, A-Z, ".", "-", "_" and "*" are allowed'
            )
        return NamePattern.of(pattern.text(), exact=False)
    raise node.refusal("one of matchName and matchPattern must be given")
