"""Which lines of a manifest say a rule? Found by the comment that stands in front of each."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TITLE: Final = re.compile(r"(?P<indent> *)# (?P<word>from|to) ")
_DIRECTIONS: Final = {"ingress": "from", "egress": "to"}
_CUT: Final = 120
"""Characters of a title that are compared: comments are cut where they are long."""


def rule_lines(rules: Iterable[dict[str, Any]], text: str) -> list[list[int] | None]:
    """First and last line (from 1) of each rule in the manifest's text; None for one that stands elsewhere."""
    blocks = sorted(_blocks(text.split("\n")))
    titles = [title for title, _ in blocks]
    return [_lines_of(rule, blocks, titles) for rule in rules]


def _lines_of(rule: dict[str, Any], blocks: Sequence[tuple[str, list[int]]], titles: Sequence[str]) -> list[int] | None:
    """The first block whose title is the rule's; `blocks` are sorted by title."""
    head = _head(rule)
    behind = (blocks[place] for place in range(bisect_left(titles, head), len(blocks)))
    alike = takewhile(lambda block: block[0].startswith(head), behind)
    return min((lines for title, lines in alike if _names_ports(title, rule)), default=None)


def _blocks(lines: Sequence[str]) -> list[tuple[str, list[int]]]:
    found = []
    for place, line in enumerate(lines):
        title = _TITLE.match(line)
        if title:
            found.append((line.strip(), [place + 1, _last(lines, place, len(title["indent"]))]))
    return found


def _last(lines: Sequence[str], start: int, indent: int) -> int:
    """The last line of the list item behind the comments that begin at `start`."""
    item_seen = False
    for place in range(start + 1, len(lines)):
        line = lines[place]
        depth = len(line) - len(line.lstrip(" "))
        if depth < indent or not line:
            return place
        if depth == indent and line.lstrip().startswith(("-", "#")):
            if item_seen:
                return place
            item_seen = line.lstrip().startswith("-")
    return len(lines)


def _head(rule: dict[str, Any]) -> str:
    """What the rule's title begins with."""
    peer = rule["peer"]
    name = f"entity {peer['text']}" if peer["kind"] == "entity" else peer["text"]
    return f"# {_DIRECTIONS[rule['direction']]} {name} "[:_CUT]


def _names_ports(title: str, rule: dict[str, Any]) -> bool:
    ports = (port["text"].replace(" type ", "/").replace(" ", "/") for port in rule["ports"][:4])
    return len(title) >= _CUT or all(_port_word(port).search(title) for port in ports)


@lru_cache(maxsize=1 << 12)
def _port_word(port: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(port)}(?![0-9-])")
