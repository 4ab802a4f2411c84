"""What the static part of the page shows beyond the view itself: the same values, folded for reading."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from recommender.model.gap import Severity
from recommender.report.folded_gaps import folded_gaps
from recommender.report.headline import headline
from recommender.report.page_data import is_brief

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SCRIPTED_PAGES: Final = (
    ("review", "Review queue", "What must I decide next? First the policies where a mistake is likely and costly."),
    ("matrix", "Matrix", "Who talks to whom, and where is it strange? Rows are clients, columns are servers."),
    ("map", "Map", "What is around a group, and which way leads from one group to another?"),
    ("groups", "Groups", "Did the right workloads come together, and does the selector name exactly them?"),
    ("edges", "Edges", "Who connected to whom, on which port, and what does the capture hold as evidence for it?"),
    ("timeline", "Timeline", "Was the window long enough, and was it whole?"),
    ("confidence", "Confidence", "How sure is the run, and do the scores mean anything?"),
    ("exposure", "Exposure", "What can a taken-over pod reach, before and after?"),
)  # fmt: skip
"""Pages that the script draws: id, title, and the question that each answers."""


def page_context(view: dict[str, Any]) -> dict[str, Any]:
    """Everything that the templates read."""
    return {
        "view": view,
        "brief": is_brief(view),
        "headline": headline(view),
        "scripted_pages": SCRIPTED_PAGES,
        "edges": {edge["id"] for edge in view["edges"]},
        "severities": [severity.value for severity in Severity],
        "severity_counts": Counter(gap["severity"] for gap in view["gaps"]),
        "findings": folded_gaps(view["gaps"]),
        "policies_by_namespace": _by(view["policies"], _namespace),
        "bands": Counter(policy["confidence"]["band"] for policy in view["policies"]),
    }


def _by(items: Iterable[dict[str, Any]], key: Callable[[dict[str, Any]], str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return {name: found[name] for name in sorted(found)}


def _namespace(item: dict[str, Any]) -> str:
    prefix = f"{item['cluster']}/" if item["cluster"] else ""
    return f"{prefix}{item['namespace']}"
