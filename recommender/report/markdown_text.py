"""Text of others inside Markdown, where nothing of it can be markup."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from recommender.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_ESCAPED: Final = re.compile(r"[\\`*_\[\]<>&|~!$]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def code(text: str, *, html_around: bool = False) -> str:
    """The text as code, whatever backticks it holds (CommonMark, "Code spans"); inside HTML as an element."""
    shown = printable(text)
    if html_around:
        return f"<code>{html.escape(shown)}</code>"
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else "` `"


def sentence(text: str) -> str:
    """A sentence of ours, with parts between backticks as code and no other markup, whatever names it quotes.

    Backslashes take the meaning from punctuation (CommonMark, "Backslash escapes") and end what GitHub would make
    links of; words with `@` or `#`, which it looks for in the finished text, become code.
    """
    pieces = printable(text).split("`")
    if len(pieces) % 2 == 0:
        pieces = ["`".join(pieces)]
    return "".join(code(piece) if place % 2 else _plain(piece) for place, piece in enumerate(pieces))


def _plain(text: str) -> str:
    return "".join(
        code(word) if re.search("[@#]", word) else _ESCAPED.sub(r"\\\g<0>", word) for word in re.split(r"( +)", text)
    )


def fenced(text: str, language: str = "") -> Iterator[str]:
    """Lines of a code block that its content cannot end (CommonMark, "Fenced code blocks")."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield text
    yield fence
