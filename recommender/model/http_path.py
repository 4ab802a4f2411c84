"""Paths of HTTP requests with their identifiers folded, and the regular expression that a path template stands for.

Cilium hands the expressions of a rule to Envoy, which matches the whole of `:path`, query included, with RE2
(cilium `pkg/envoy/policy/envoy_l7_rules_translator.go`). Envoy refuses an expression whose RE2 program is larger than
100 (`re2.max_program_size.error_level`), and with it every policy of the endpoint (cilium issues 41314 and 48773), so
the forms below are as short as they can be rather than as tight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import re2

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PROGRAM_SIZE: Final = 100
"""Instructions of an RE2 program that Envoy accepts unless it is told otherwise."""
ANY_QUERY: Final = "([?].*)?"
"""Queries may hold secrets and are never stored, so a rule lets any query pass."""
ASCII_QUERY: Final = "([?][!-~]*)?"
"""The same for queries as RFC 3986 has them; a shorter program."""
MARK: Final = "\x1f"
"""Stands before an identifier's letter in a shape; no path that is folded holds this character."""

_GRPC: Final = re.compile(r"/(?:[A-Za-z_][A-Za-z0-9_]*\.)+[A-Za-z_][A-Za-z0-9_]*/[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL: Final = re.compile(r"([.+*?()|{}$])|([\\\[\]^])")


class Identifier(Enum):
    """A kind of text that names one thing among many of its kind."""

    UUID = "uuid"
    TIME = "time"
    DATE = "date"
    EMAIL = "email"
    INTEGER = "integer"
    HEX = "hex"
    TOKEN = "token"  # noqa: S105 - a word for random text, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierForm:
    """How one kind of identifier is recognised and written."""

    identifier: Identifier
    letter: str
    """Stands for it in a shape, after `MARK`."""
    full: str
    """RE2 expression that the text matches in full."""
    needs: tuple[str, ...] = ()
    """Expressions that must each be found in it."""
    pattern: str
    """What a rule asks for instead; matches everything that `full` matches."""


_UUID: Final = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_DATE: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME: Final = f"{_DATE}[Tt][0-9][0-9A-Za-z:.%+-]*"

SEGMENT_FORMS: Final = (
    IdentifierForm(
        identifier=Identifier.EMAIL,
        letter="e",
        full=r"[A-Za-z0-9._%+-]+(@|%40)[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
        pattern="[A-Za-z0-9._%+-]+(@|%40)[A-Za-z0-9.-]+",
    ),
    IdentifierForm(
        identifier=Identifier.TOKEN,
        letter="T",
        full="[A-Za-z0-9_-]{20,}",
        needs=("[a-z]", "[A-Z]", "[0-9].*[0-9].*[0-9]", "[0-9][A-Za-z_-]+[0-9]"),
        pattern="[A-Za-z0-9_-]+",
    ),
)
"""Of whole segments; the first that fits counts."""

PART_FORMS: Final = (
    IdentifierForm(identifier=Identifier.UUID, letter="u", full=_UUID, pattern="[0-9a-fA-F]+(-[0-9a-fA-F]+){4}"),
    IdentifierForm(identifier=Identifier.TIME, letter="s", full=_TIME, pattern=f"{_DATE}[Tt][0-9A-Za-z:.%+-]+"),
    IdentifierForm(identifier=Identifier.DATE, letter="d", full=_DATE, pattern=_DATE),
    IdentifierForm(identifier=Identifier.INTEGER, letter="i", full="[0-9]+", pattern="[0-9]+"),
    IdentifierForm(
        identifier=Identifier.HEX,
        letter="h",
        full="[0-9a-f]{7,}|[0-9A-F]{7,}",
        needs=("[0-9]",),
        pattern="[0-9a-fA-F]+",
    ),
    IdentifierForm(
        identifier=Identifier.TOKEN,
        letter="t",
        full="[A-Za-z0-9]{16,}",
        needs=("[0-9].*[0-9].*[0-9]", "[0-9][A-Za-z]+[0-9]"),
        pattern="[A-Za-z0-9]+",
    ),
)
"""Of the parts between separators within a segment; the first that fits counts."""

PART: Final = f"{_UUID}|{_TIME}|{_DATE}|%[0-9a-fA-F]{{2}}|[A-Za-z0-9]+|[^A-Za-z0-9%]+|%"
"""Cuts a segment into parts; percent-encoded bytes are parts of their own, so that `%20` is no number."""
VERSION: Final = r"[vV][0-9]+(\.[0-9]+)*"
"""A segment that names a version of an interface and no thing: never folded."""

_BY_LETTER: Final = {form.letter: form for form in (*SEGMENT_FORMS, *PART_FORMS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTemplate:
    """A path, literal or with identifiers folded."""

    shape: str
    """The path with `MARK` and a form's letter in place of each identifier."""

    @property
    def folded(self) -> bool:
        """Whether it stands for more than one path."""
        return MARK in self.shape

    @property
    def text(self) -> str:
        """For people: `/orders/{integer}`."""
        return "".join(
            piece if form is None else f"{{{form.identifier.value}}}{piece}" for form, piece in _pieces(self.shape)
        )

    @property
    def pattern(self) -> str:
        """The RE2 expression of the path alone, without a query; everything that is not folded is matched literally."""
        return "".join(f"{form.pattern if form else ''}{literal_pattern(piece)}" for form, piece in _pieces(self.shape))


def _pieces(shape: str) -> Iterable[tuple[IdentifierForm | None, str]]:
    """Identifiers, each with the literal text after it; the first piece has none."""
    first, *rest = shape.split(MARK)
    yield None, first
    for piece in rest:
        yield _BY_LETTER[piece[0]], piece[1:]


def literal_pattern(text: str) -> str:
    """An RE2 expression that matches exactly this text: characters with a meaning stand in brackets or are escaped."""
    return _SPECIAL.sub(lambda found: f"[{found[1]}]" if found[1] else f"\\{found[2]}", text)


def rule_pattern(method: str, template: PathTemplate) -> str | None:
    """What a rule asks of `:path`; None if no form of it is small enough for Envoy.

    A gRPC method has no query. For the others any query passes; where that is too large, any query of printable ASCII.
    """
    body = template.pattern
    grpc = method == "POST" and not template.folded and _GRPC.fullmatch(template.shape)
    for query in ("",) if grpc else (ANY_QUERY, ASCII_QUERY):
        if program_size(body + query) <= MAX_PROGRAM_SIZE:
            return body + query
    return None


@lru_cache(maxsize=65_536)
def program_size(pattern: str) -> int:
    """Instructions of the expression's RE2 program, as Envoy counts them."""
    return int(re2.compile(pattern).programsize)


def covers(template: PathTemplate, path: str) -> bool:
    """Whether the template stands for this path."""
    return re2.fullmatch(template.pattern, path) is not None
