"""Canonical YAML: one way to write a structure, with comments, that no text from a capture can break.

Keys keep the order in which they are given, indentation is two spaces, and text that needs escapes goes through PyYAML.
The text is pure ASCII: what is not stands as an escape, so that no look-alike or right-to-left letter can deceive a
reviewer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

MAX_COMMENT = 200
"""Characters of one comment line beyond which it is cut."""

_PLAIN = re.compile(r"[A-Za-z_/](?:[A-Za-z0-9_./@-]|:(?=[A-Za-z0-9_./@-]))*")
_HARMLESS = re.compile(r"[A-Za-z0-9_./:@*=, -]*")
"""Text that stands between double quotes as it is."""
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_MAX_IMPLICIT_KEY = 128
"""PyYAML refuses longer implicit keys in places; YAML 1.2 allows 1024 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented:
    """A list item or a mapping's value with comment lines in front of it."""

    value: Node
    comments: tuple[str, ...]


Node = str | int | bool | Commented | Sequence["Node"] | Mapping[str, "Node"]


def document(root: Mapping[str, Node], *, header: Sequence[str] = ()) -> str:
    """The structure as one YAML document, header comments first, ending in a newline."""
    lines = [comment(text) for text in header]
    if root:
        _block(root, "", lines)
    else:
        lines.append("{}")
    return "\n".join(lines) + "\n"


def structure(node: Node) -> Any:
    """The same structure without its comments: what a YAML parser reads back."""
    if isinstance(node, Commented):
        return structure(node.value)
    if isinstance(node, Mapping):
        return {key: structure(value) for key, value in node.items()}
    if isinstance(node, str | int):
        return node
    return [structure(item) for item in node]


def comment(text: str) -> str:
    """One comment line: printable ASCII only, cut at `MAX_COMMENT`, whatever the text holds."""
    safe = printable(text)
    return f"# {safe}".rstrip() if len(safe) <= MAX_COMMENT else f"# {safe[: MAX_COMMENT - 3]}..."


def printable(text: str) -> str:
    """The text with everything but printable ASCII as backslash escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char.isascii() and char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def scalar(value: str | int | bool) -> str:  # noqa: FBT001 - a scalar's value, not a switch
    """A scalar that YAML 1.1 and 1.2 parsers read back as the same value of the same type.

    Plain only where no parser can take it for anything but text: PyYAML writes `1e3` and `y` plain, and Go's parser
    reads the one as a number and the other as a truth value. Text that needs an escape is left to PyYAML.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@lru_cache(maxsize=1 << 14)
def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    if _HARMLESS.fullmatch(value):
        return f'"{value}"'
    text: str = yaml.safe_dump(value, default_style='"', width=float("inf"), allow_unicode=False)
    return text.rstrip("\n")


def _block(node: Node, indent: str, lines: list[str]) -> None:
    """Add the lines of a non-empty mapping or sequence."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            lines += [f"{indent}{comment(text)}" for text in _comments(value)]
            _entry(key, _bare(value), indent, lines)
    elif isinstance(node, Sequence):
        for item in node:
            lines += [f"{indent}{comment(text)}" for text in _comments(item)]
            _item(_bare(item), indent, lines)


def _entry(key: str, inner: Node, indent: str, lines: list[str]) -> None:
    written, inline = scalar(key), _inline(inner)
    if len(written) > _MAX_IMPLICIT_KEY:
        lines.append(f"{indent}? {written}")
        written = ""
    if inline is not None:
        lines.append(f"{indent}{written}: {inline}")
    else:
        lines.append(f"{indent}{written}:")
        _block(inner, f"{indent}  ", lines)


def _item(inner: Node, indent: str, lines: list[str]) -> None:
    inline = _inline(inner)
    if inline is not None:
        lines.append(f"{indent}- {inline}")
        return
    first, deeper = len(lines), f"{indent}  "
    _block(inner, deeper, lines)
    lines[first] = f"{indent}- {lines[first][len(deeper) :]}"


def _inline(node: Node) -> str | None:
    """A scalar or an empty collection on one line; None for what needs a block."""
    if isinstance(node, str | int):
        return scalar(node)
    if isinstance(node, Mapping):
        return None if node else "{}"
    return None if node else "[]"


def _comments(node: Node) -> tuple[str, ...]:
    return node.comments if isinstance(node, Commented) else ()


def _bare(node: Node) -> Node:
    return _bare(node.value) if isinstance(node, Commented) else node
