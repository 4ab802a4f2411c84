"""Which lines of a manifest say a rule? Found by the comment that stands in front of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TITLE: Final = re.compile(r"(?P<indent> *)# (?P<word>from|to) ")
_DIRECTIONS: Final = {"ingress": "from", "egress": "to"}
_CUT: Final = 120
"""Characters of a title that are compared: comments are cut where they are long."""


def rule_lines(rules: Iterable[dict[str, Any]], text: str) -> list[list[int] | None]:
    """First and last line (from 1) of each rule in the manifest's text; None for one that stands elsewhere."""
    lines = text.split("\n")
    blocks = _blocks(lines)
    return [next((block for title, block in blocks if _is_title(title, rule)), None) for rule in rules]


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


def _is_title(title: str, rule: dict[str, Any]) -> bool:
    peer = rule["peer"]
    name = f"entity {peer['text']}" if peer["kind"] == "entity" else peer["text"]
    head = f"# {_DIRECTIONS[rule['direction']]} {name}"
    if not title.startswith(head[:_CUT]):
        return False
    ports = {port["text"].replace(" type ", "/").replace(" ", "/") for port in rule["ports"][:4]}
    return len(title) >= _CUT or all(re.search(rf"\b{re.escape(port)}(?![0-9-])", title) for port in ports)
