"""Regular expressions of RE2, which DuckDB has, as Java reads them."""

from __future__ import annotations

from typing import Final

_UNIX_LINES: Final = "(?d)"
"""The dot leaves out the line feed only, as in RE2; without it Java leaves out other ends of lines, too."""


def java_pattern(pattern: str, *, whole: bool) -> str:
    r"""The expression for Java; `whole` if the whole text must match it.

    In RE2 `$` is the end of the text; in Java a line feed may follow, which would let a hostile name pass: it becomes
    `\z`. Both have the same classes, repetitions, groups and escapes as far as the reduction's own expressions go.
    """
    text = "".join(_ends(pattern))
    return f"{_UNIX_LINES}\\A(?:{text})\\z" if whole else f"{_UNIX_LINES}{text}"


def _ends(pattern: str) -> list[str]:
    parts: list[str] = []
    escaped, in_class = False, False
    for character in pattern:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character == "$":
            parts.append("\\z")
            continue
        parts.append(character)
    return parts
