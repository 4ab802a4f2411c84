"""How templates write values: escaped, visible, with units."""

from __future__ import annotations

import hashlib
from typing import Any

from markupsafe import Markup, escape

from recommender.report.printable import printable, printable_lines
from recommender.report.wording import counted

_HOURS_A_DAY = 24
_SHORT_DAYS = 2


def shown(value: Any) -> Any:
    """Every value on its way into the page: text becomes visible here, autoescape then makes it harmless."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(value)


def lines(text: str) -> Markup:
    """A text with line breaks, for `<pre>`."""
    safe = printable_lines(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(safe)  # noqa: S704 - quotes end nothing outside of attributes


def prose(text: str) -> Markup:
    """A sentence of ours in which parts between backticks are commands or names."""
    pieces = printable(text).split("`")
    if len(pieces) % 2 == 0:
        return escape("`".join(pieces))
    written = (
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    )
    return Markup("").join(written)


def anchor(text: str, prefix: str) -> str:
    """A link target that depends only on the text and holds nothing of it."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    return f"{prefix}-{digest}"


def number(value: int) -> str:
    """A count with separators: `12,345`."""
    return f"{value:,}"


def percent(part: float, whole: float) -> str:
    """A share, or a dash if there is no whole."""
    return f"{100 * part / whole:.1f} %" if whole else "\N{EN DASH}"


def instant(text: str) -> str:
    """An ISO time shortened to the minute: `2026-11-16 08:00`."""
    return text[:16].replace("T", " ")


def duration(hours: float) -> str:
    """A length of time in the unit that reads best."""
    return f"{hours / _HOURS_A_DAY:.1f} days" if hours >= _SHORT_DAYS * _HOURS_A_DAY else f"{hours:.1f} hours"


FILTERS = {
    "anchor": anchor,
    "counted": counted,
    "duration": duration,
    "instant": instant,
    "lines": lines,
    "number": number,
    "percent": percent,
    "prose": prose,
}
