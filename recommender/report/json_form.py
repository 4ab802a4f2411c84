"""The view as a JSON file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

INDENT: Final = 2
_TOGETHER: Final = 500
"""Items of a list that are encoded at once."""
_UNPRINTABLE = re.compile(r"[^\n\x20-\x7e]")
_ONE_LINE: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_ASCII: Final = json.JSONEncoder(sort_keys=True, allow_nan=False, separators=(",", ":"))


def render_json(view: dict[str, Any]) -> str:
    r"""The view as JSON text: keys sorted, indented by two, one line break at the end.

    Readable letters stay as they are; what a terminal or an editor would obey (bidi and control characters, lone
    surrogates) is written as a JSON escape, so that the value survives and the file is safe to print.
    """
    return "".join(json_pieces(view))


def json_pieces(view: dict[str, Any]) -> Iterator[str]:
    """The same text piece by piece: an entry of the view at a time, an item of a list that is one."""
    yield "{"
    for place, key in enumerate(sorted(view)):
        yield f"{',' if place else ''}\n{' ' * INDENT}{_safe(_ONE_LINE.encode(key))}: "
        value = view[key]
        if isinstance(value, list) and value:
            yield from _items(value)
        else:
            yield _indented(value, level=1)
    yield "\n}\n" if view else "}\n"


def compact_pieces(value: Any, *, depth: int) -> Iterator[str]:
    """A value in one line of ASCII, keys sorted, without spaces, piece by piece.

    Mappings down to `depth` are taken apart, and long lists anywhere in them.
    """
    if isinstance(value, dict) and depth > 0:
        for place, key in enumerate(sorted(value)):
            yield f"{',' if place else '{'}{_ASCII.encode(key)}:"
            yield from compact_pieces(value[key], depth=depth - 1)
        yield "}" if value else "{}"
    elif isinstance(value, list) and len(value) > _TOGETHER:
        for place in range(0, len(value), _TOGETHER):
            yield f"{',' if place else '['}{_ASCII.encode(value[place : place + _TOGETHER])[1:-1]}"
        yield "]"
    else:
        yield _ASCII.encode(value)


def _items(values: list[Any]) -> Iterator[str]:
    begin = "\n" + " " * (2 * INDENT)
    for place, value in enumerate(values):
        yield f"{',' if place else '['}{begin}{_indented(value, level=2)}"
    yield f"\n{' ' * INDENT}]"


def _indented(value: Any, *, level: int) -> str:
    """A value as it stands at a level: Python's encoder is fast as long as it does not indent itself."""
    try:
        text = msgspec.json.format(_ONE_LINE.encode(value), indent=INDENT)
    except UnicodeEncodeError:  # A lone surrogate is no UTF-8.
        text = json.dumps(value, sort_keys=True, indent=INDENT, ensure_ascii=False, allow_nan=False)
    return _safe(text.replace("\n", "\n" + " " * (INDENT * level)))


def _safe(text: str) -> str:
    return text if text.isascii() and "\x7f" not in text else _UNPRINTABLE.sub(_json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    char = match.group()
    return char if char.isprintable() else json.dumps(char)[1:-1]
