"""What the HTML page shows beyond the view itself: the same values, folded for reading."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from recommender.model.disposition import Disposition
from recommender.model.gap import Severity
from recommender.report.matrix import group_matrix, namespace_matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOMY = 2_000
"""Edges up to which every rule and row shows its evidence in full; beyond, rules link to one brief row each."""

_WAITING = (Disposition.QUARANTINED, Disposition.REVIEW, Disposition.EXCLUDED)


def page_context(view: dict[str, Any]) -> dict[str, Any]:
    """Everything that the templates read."""
    return {
        "view": view,
        "roomy": len(view["edges"]) <= ROOMY,
        "edges": {edge["id"]: edge for edge in view["edges"]},
        "severities": [severity.value for severity in Severity],
        "severity_counts": Counter(gap["severity"] for gap in view["gaps"]),
        "findings": folded_gaps(view["gaps"]),
        "policies_by_namespace": _by(view["policies"], _namespace),
        "groups_by_namespace": _by(view["groups"], _namespace),
        "edges_by_client": _by(view["edges"], lambda edge: _client_place(edge["client"])),
        "held": {item["edge_id"]: item for item in view["quarantine"]},
        "waiting": {item.value: [e for e in view["edges"] if e["disposition"] == item.value] for item in _WAITING},
        "namespace_matrix": namespace_matrix(view),
        "group_matrix": group_matrix(view),
        "bands": Counter(policy["confidence"]["band"] for policy in view["policies"]),
    }


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


def _by(items: Iterable[dict[str, Any]], key: Callable[[dict[str, Any]], str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return {name: found[name] for name in sorted(found)}


def _namespace(item: dict[str, Any]) -> str:
    prefix = f"{item['cluster']}/" if item["cluster"] else ""
    return f"{prefix}{item['namespace']}"


def _client_place(end: dict[str, Any]) -> str:
    if end["kind"] == "workload":
        return _namespace(end)
    return "reserved entities" if end["kind"] == "entity" else "outside the cluster"
