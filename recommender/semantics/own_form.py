"""Manifests in the narrow form in which we write them, read as a YAML parser reads them, many times as fast.

What is written one way only can be read line by line: blocks that are indented by two, scalars of one line without
escapes, comments of printable ASCII on lines of their own. Whatever is not in this form is left to PyYAML; a property
test holds both against each other. The rules of a large cluster say the same again and again (who calls a server says
so in the same lines), so an item of a rule list that was read before is the same object.
"""

from __future__ import annotations

import re
import sys
from typing import Any, Final

_PLAIN: Final = r"[A-Za-z_/](?:[A-Za-z0-9_./@-]|:(?=[A-Za-z0-9_./@-]))*"
_QUOTED: Final = r'"[A-Za-z0-9_./:@*=, -]*"'
_NUMBER: Final = r"0|[1-9][0-9]{0,14}"
_LINE: Final = re.compile(
    rf"(?P<indent> *)(?P<dash>- )?"
    rf"(?:(?P<key>{_PLAIN}|{_QUOTED}):(?: (?P<value>{_PLAIN}|{_QUOTED}|{_NUMBER}|\{{\}}|\[\]))?"
    rf"|(?P<item>{_PLAIN}|{_QUOTED}|{_NUMBER}|\{{\}}|\[\]))\n"
)
_COMMENT: Final = re.compile(r"^ *#[ -~]*\n", re.MULTILINE)
_ITEM: Final = re.compile(r"^(?=    - )", re.MULTILINE)
"""Where an item of a policy's rules begins."""
_ITEM_INDENT: Final = 4
_ITEM_END: Final = re.compile(r"\n(?= {0,4}[^ ])")
_LONGEST_KEY: Final = 128
_TRUTH: Final = {"true": True, "false": False}
_AMBIGUOUS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "null", "nan", "inf", *_TRUTH})
"""Plain words that some parser takes for no text, in any case of letters."""

_Token = tuple[int, str | None, Any]
"""Indent; the key, or None for an item of a list; the value, or `_BELOW`."""


class _OtherFormError(Exception):
    """The text is not in our own form."""


class _Below:
    """The value stands in the lines below."""


_BELOW: Final = _Below()


def read_own_form(text: str, items: dict[str, Any]) -> dict[str, Any] | None:
    """The one document of a text in our own form; None if it is in another.

    Args:
        text: A manifest.
        items: Items of rule lists that were read before, by their lines; those of this text are added. Nobody may
            change them.
    """
    try:
        tokens = _tokens(_COMMENT.sub("", text), items)
        value, end = _block(tokens, 0, 0)
    except _OtherFormError:
        return None
    return value if end == len(tokens) and isinstance(value, dict) else None


def _tokens(text: str, items: dict[str, Any]) -> list[_Token]:
    head, *parts = _ITEM.split(text)
    tokens = _tokens_of_lines(head)
    for part in parts:
        cut = _ITEM_END.search(part)
        lines, rest = (part[: cut.end()], part[cut.end() :]) if cut else (part, "")
        if lines not in items:
            items[lines] = _item(lines)
        tokens.append((_ITEM_INDENT, None, items[lines]))
        tokens += _tokens_of_lines(rest)
    return tokens


def _item(lines: str) -> Any:
    tokens = _tokens_of_lines(lines)
    value, end = _block(tokens, 0, _ITEM_INDENT)
    if end != len(tokens) or not isinstance(value, list) or len(value) != 1:
        raise _OtherFormError
    return value[0]


def _tokens_of_lines(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = 0
    while place < len(text):
        line = _LINE.match(text, place)
        if line is None:
            raise _OtherFormError
        place = line.end()
        spaces, dash, key, value, item = line.groups()
        indent = len(spaces)
        if dash:
            tokens.append((indent, None, _scalar(item) if key is None else _BELOW))
            indent += 2
        elif key is None:
            raise _OtherFormError
        if key is not None:
            tokens.append((indent, _key(key), _BELOW if value is None else _scalar(value)))
    return tokens


def _key(written: str) -> str:
    key = _scalar(written)
    if not isinstance(key, str) or len(written) > _LONGEST_KEY:
        raise _OtherFormError
    return key


def _scalar(written: str) -> Any:
    """A value in one line; a list or mapping is empty."""
    first = written[0]
    if first == '"':
        return sys.intern(written[1:-1])
    if first == "{":
        return {}
    if first == "[":
        return []
    if first.isdigit():
        return int(written)
    if written.lower() in _AMBIGUOUS:
        if written in _TRUTH:
            return _TRUTH[written]
        raise _OtherFormError
    return sys.intern(written)


def _block(tokens: list[_Token], start: int, indent: int) -> tuple[Any, int]:
    """The list or mapping whose lines begin at a token and have this indent, and the place behind it."""
    if start == len(tokens) or tokens[start][0] != indent:
        raise _OtherFormError
    return _list(tokens, start, indent) if tokens[start][1] is None else _mapping(tokens, start, indent)


def _list(tokens: list[_Token], place: int, indent: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while place < len(tokens) and tokens[place][0] == indent and tokens[place][1] is None:
        value = tokens[place][2]
        place += 1
        if value is _BELOW:
            value, place = _block(tokens, place, indent + 2)
        found.append(value)
    return found, place


def _mapping(tokens: list[_Token], place: int, indent: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while place < len(tokens) and tokens[place][0] == indent:
        _, key, value = tokens[place]
        if key is None or key in found:
            raise _OtherFormError
        place += 1
        if value is _BELOW:
            value, place = _block(tokens, place, indent + 2)
        found[key] = value
    return found, place
