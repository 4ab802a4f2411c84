"""Gaps of one kind together, so that what they share is said once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def folded_gaps(gaps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gaps of one severity, code and title together, in order; `impact` and `action` stand once if all agree."""
    folded: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for gap in gaps:
        folded[gap["severity"], gap["code"], gap["title"]].append(gap)
    return [
        {
            "severity": severity,
            "code": code,
            "title": title,
            "gaps": items,
            "impact": _shared(items, "impact"),
            "action": _shared(items, "action"),
        }
        for (severity, code, title), items in folded.items()
    ]


def _shared(items: list[dict[str, Any]], key: str) -> str:
    """The text that all items have in common, or the empty text."""
    texts = {item[key] for item in items}
    return str(texts.pop()) if len(texts) == 1 else ""
