"""Paths to shapes in SQL: each identifier becomes a mark, so that requests of one kind share one shape.

Every path of a shape matches the expression of that shape by construction: each part that is folded matches what the
form writes in its place (`model.http_path`), and everything else stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.http_path import MARK, PART, PART_FORMS, SEGMENT_FORMS, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.http_path import IdentifierForm

MAX_PATH: Final = 300
"""Characters of a path beyond which no rule can hold it anyway (Envoy's limit on expressions)."""
_CLEAN: Final = r"/[!-\[\]-~]*"
"""Printable ASCII without spaces and backslashes."""
_DOT_SEGMENT: Final = r"/(\.|%2[eE]){1,2}(/|$)"
_METHOD: Final = "[A-Za-z][A-Za-z_-]{0,31}"


def sayable(method: str, path: str) -> str:
    """SQL: may a rule hold this method and this path? Envoy resolves dot segments before it asks a rule."""
    return (
        f"(length({path}) <= {MAX_PATH} AND regexp_full_match({method}, '{_METHOD}')"
        f" AND regexp_full_match({path}, '{_CLEAN}') AND NOT regexp_matches({path}, '{_DOT_SEGMENT}'))"
    )


def shape(path: str) -> str:
    """SQL: the shape of a path that is `sayable`."""
    segments = f"list_transform(string_split({path}, '/'), lambda s: {_segment('s')})"
    return f"array_to_string({segments}, '/')"


def _segment(text: str) -> str:
    parts = f"list_transform(regexp_extract_all({text}, '{PART}'), lambda p: CASE {_whens(PART_FORMS, 'p')} ELSE p END)"
    return (
        f"CASE {_whens(SEGMENT_FORMS, text)}"
        f" WHEN regexp_full_match({text}, '{VERSION}') OR NOT regexp_matches({text}, '[0-9]') THEN {text}"
        f" ELSE array_to_string({parts}, '') END"
    )


def _whens(forms: Iterable[IdentifierForm], text: str) -> str:
    return " ".join(
        f"WHEN regexp_full_match({text}, '{form.full}')"
        + "".join(f" AND regexp_matches({text}, '{need}')" for need in form.needs)
        + f" THEN '{MARK}{form.letter}'"
        for form in forms
    )
