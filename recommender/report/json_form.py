"""The view as a JSON file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from recommender.report.one_line import quick_ascii_line, quick_line, strict_ascii_line, strict_line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

INDENT: Final = 2
_TOGETHER: Final = 500
"""Items of a list that are encoded at once."""
_UNPRINTABLE = re.compile(r"[^\n\x20-\x7e]")


def render_json(view: dict[str, Any]) -> str:
    r"""The view as JSON text: keys sorted, indented by two, one line break at the end.

    Readable letters stay as they are; what a terminal or an editor would obey (bidi and control characters, lone
    surrogates) is written as a JSON escape, so that the value survives and the file is safe to print.
    """
    return "".join(_pieces(view, strict_line))


def json_pieces(view: dict[str, Any]) -> Iterator[str]:
    """The same text piece by piece: an entry of the view at a time, an item of a list that is one.

    For a view of which `compact_pieces` has found that all its numbers are some.
    """
    return _pieces(view, quick_line)


def compact_pieces(value: Any, *, depth: int, known: bool = False, known_below: Collection[str] = ()) -> Iterator[str]:
    """A value in one line of ASCII, keys sorted, without spaces, piece by piece.

    Mappings down to `depth` are taken apart, and long lists anywhere in them. `known` says that all its numbers are
    some, so that this need not be looked at again; `known_below` names entries of which that is known.

    Raises:
        ValueError: A number is none, unless the value is known.
    """
    line = quick_ascii_line if known else strict_ascii_line
    if isinstance(value, dict) and depth > 0:
        for place, key in enumerate(sorted(value)):
            yield f"{',' if place else '{'}{strict_ascii_line(key)}:"
            yield from compact_pieces(
                value[key], depth=depth - 1, known=known or key in known_below, known_below=known_below
            )
        yield "}" if value else "{}"
    elif isinstance(value, list) and len(value) > _TOGETHER:
        for place in range(0, len(value), _TOGETHER):
            yield f"{',' if place else '['}{line(value[place : place + _TOGETHER])[1:-1]}"
        yield "]"
    else:
        yield line(value)


def _pieces(view: dict[str, Any], line: Callable[[Any], str]) -> Iterator[str]:
    yield "{"
    for place, key in enumerate(sorted(view)):
        yield f"{',' if place else ''}\n{' ' * INDENT}{_safe(strict_line(key))}: "
        value = view[key]
        if isinstance(value, list) and value:
            yield from _items(value, line)
        else:
            yield _indented(value, line, level=1)
    yield "\n}\n" if view else "}\n"


def _items(values: list[Any], line: Callable[[Any], str]) -> Iterator[str]:
    begin = "\n" + " " * (2 * INDENT)
    for place, value in enumerate(values):
        yield f"{',' if place else '['}{begin}{_indented(value, line, level=2)}"
    yield f"\n{' ' * INDENT}]"


def _indented(value: Any, line: Callable[[Any], str], *, level: int) -> str:
    """A value as it stands at a level: encoders are fast as long as they do not indent themselves."""
    try:
        text = msgspec.json.format(line(value), indent=INDENT)
    except UnicodeEncodeError:  # A lone surrogate is no UTF-8.
        text = json.dumps(value, sort_keys=True, indent=INDENT, ensure_ascii=False, allow_nan=False)
    return _safe(text.replace("\n", "\n" + " " * (INDENT * level)))


def _safe(text: str) -> str:
    return text if text.isascii() and "\x7f" not in text else _UNPRINTABLE.sub(_json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    char = match.group()
    return char if char.isprintable() else json.dumps(char)[1:-1]
