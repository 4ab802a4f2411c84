"""Text of others inside Markdown, where nothing of it can be markup."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from recommender.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


def code(text: str, *, html_around: bool = False) -> str:
    """The text as code, whatever backticks it holds (CommonMark, "Code spans"); inside HTML as an element."""
    shown = printable(text)
    if html_around:
        return f"<code>{html.escape(shown)}</code>"
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else "` `"


def fenced(text: str, language: str = "") -> Iterator[str]:
    """Lines of a code block that its content cannot end (CommonMark, "Fenced code blocks")."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield text
    yield fence
