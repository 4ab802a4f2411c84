"""What the page's script reads: the view without what stands in the page anyway, and a few figures folded from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from recommender.report.html_filters import anchor
from recommender.report.json_form import compact_pieces
from recommender.report.libraries import pack
from recommender.report.pair_states import pair_states
from recommender.report.review_queue import review_queue
from recommender.report.rule_lines import rule_lines

if TYPE_CHECKING:
    from collections.abc import Iterable


MOST_WAYS: Final = 500
"""Releases from quarantine whose YAML the page holds itself."""


_TAKEN_APART: Final = 6
"""Levels of mappings of the data: the view, its edges, their evidence, and what that is made of."""
MOST_COMMENTED: Final = 500
"""Policies whose manifests stand in the page with all their comments."""


def is_brief(view: dict[str, Any]) -> bool:
    """Whether the static part leaves out the comments of manifests, so that the page of a large run stays small.

    The script then gets the whole texts, which pack to a tenth.
    """
    return len(view["policies"]) > MOST_COMMENTED


def packed_page_data(view: dict[str, Any]) -> str:
    """The script's data as gzip in base64: no text in it can be taken for markup."""
    pieces = compact_pieces(page_data(view), depth=_TAKEN_APART, known=True)
    return pack(pieces, hard=not is_brief(view))


def page_data(view: dict[str, Any]) -> dict[str, Any]:
    """The view, with manifests by the anchor of the `<pre>` that holds their text, and long lists column by column."""
    brief = is_brief(view)
    return {
        "view": {
            **view,
            "edges": columns(view["edges"]),
            "policies": columns([_without_texts(policy, brief=brief) for policy in view["policies"]]),
            "baselines": [{**baseline, "manifest": _pointer(baseline["manifest"])} for baseline in view["baselines"]],
            "quarantine": columns(_briefly(view["quarantine"])),
            "kustomization": None,
        },
        "queue": review_queue(view),
        "pairs": pair_states(view),
    }


def columns(rows: list[Any]) -> Any:
    """Rows with the same fields as one list a field, fields of fields likewise; anything else as it is.

    Like values side by side pack to a quarter of their size. The script turns them back (`rowsOf` in store.js).
    """
    fields = set(rows[0]) if rows and isinstance(rows[0], dict) else set()
    if not fields or any(not isinstance(row, dict) or set(row) != fields for row in rows):
        return rows
    return {field: columns([row[field] for row in rows]) for field in sorted(fields)}


def _briefly(ways: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ways out of quarantine; of very many the files alone, which stand beside the page."""
    return ways if len(ways) <= MOST_WAYS else [{**way, "manifests": []} for way in ways]


def _without_texts(policy: dict[str, Any], *, brief: bool) -> dict[str, Any]:
    return {
        **policy,
        "manifests": [
            {**_pointer(manifest), **({"text": manifest["text"]} if brief else {})} for manifest in policy["manifests"]
        ],
        "lines": _lines(policy["rules"], policy["manifests"]),
    }


def _pointer(manifest: dict[str, Any]) -> dict[str, str]:
    return {"path": manifest["path"], "anchor": anchor(manifest["path"], "m")}


def _lines(rules: list[dict[str, Any]], manifests: Iterable[dict[str, Any]]) -> list[list[Any] | None]:
    """Per rule the manifest's place and the first and last line, or None."""
    found: list[list[Any] | None] = [None] * len(rules)
    for place, manifest in enumerate(manifests):
        for number, lines in enumerate(rule_lines(rules, manifest["text"])):
            if lines and not found[number]:
                found[number] = [place, *lines]
    return found
