"""A replay for the terminal and as plain JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from recommender.model.capture import utc_text
from recommender.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.verify.verification import TriedEdge, Verification

SCHEMA_VERSION: Final = 1
_MAX_ITEMS: Final = 100


def sentence(found: Verification) -> str:
    """The replay in one line."""
    denied = sum(item.needed for item in found.denied)
    text = f"{found.needed - denied} of {found.needed} needed edges pass"
    if found.requests:
        text += f", {counted(len(found.denied_requests), 'kind of request', 'kinds of requests')} would be refused"
    return f"{text}; {counted(len(found.unused), 'rule')} of {len(found.rules)} unused"


def text_lines(found: Verification) -> Iterator[str]:
    """For the terminal; lines may hold hostile text and must be made printable."""
    yield f"policies  {found.policies}"
    yield f"flows     {found.capture.window_text}"
    yield from (f"not judged: {name}: {reason}" for name, reason in found.unjudged)
    for title, lines in _sections(found):
        if lines:
            yield ""
            yield f"{title} ({len(lines):,})"
            yield from (f"  {line}" for line in lines[:_MAX_ITEMS])
            if len(lines) > _MAX_ITEMS:
                yield f"  … {len(lines) - _MAX_ITEMS:,} more: --format json has all"
    yield ""
    beside = (
        f", {counted(found.existing, 'existing policy', 'existing policies')} beside them" if found.existing else ""
    )
    by_default = f"; {found.by_default} pass because nothing isolates their ends" if found.by_default else ""
    yield f"judged: {counted(len(found.tried), 'edge')} of {counted(found.workloads, 'workload')}{beside}{by_default}"
    yield sentence(found)


def _sections(found: Verification) -> Iterator[tuple[str, list[str]]]:
    yield (
        "Would be denied",
        [f"{item.edge.key}: {item.verdict.explanation}; {_seen(item)}" for item in found.denied],
    )
    yield "Requests that would be refused", [f"{item.edge}: {item.reason}" for item in found.denied_requests]
    yield (
        "Suspicious and let through",
        [f"{item.edge.key}: {item.decided.reason}; {_allowing(item)}" for item in found.still_open],
    )
    yield (
        "Denied in the flows already",
        [f"{item.edge.key}: {item.verdict.explanation}; {_seen(item)}" for item in found.denied_already],
    )
    yield "Not isolated", [f"{name}: {direction.value}" for name, direction in found.ungoverned]
    yield "Unused rules", [f"{rule.policy} {rule.path}: {rule.text}" for rule in found.unused]
    yield "Policies that select nobody", list(found.idle)


def _seen(item: TriedEdge) -> str:
    evidence = item.edge.evidence
    return f"{counted(evidence.connections, 'connection')}, last {utc_text(evidence.last_seen)}"


def _allowing(item: TriedEdge) -> str:
    names = sorted({name for names in item.verdict.allowed_by for name in names})
    return f"allowed by {', '.join(names)}" if names else "nothing isolates its ends"


def replay_view(found: Verification) -> dict[str, Any]:
    """Everything that the replay found."""
    return {
        "schema_version": SCHEMA_VERSION,
        "policies": found.policies,
        "window": found.capture.window_text,
        "sentence": sentence(found),
        "counts": {
            "edges": len(found.tried),
            "needed": found.needed,
            "denied": len(found.denied),
            "by_default": found.by_default,
            "still_open": len(found.still_open),
            "denied_already": len(found.denied_already),
            "requests": found.requests,
            "denied_requests": len(found.denied_requests),
            "rules": len(found.rules),
            "unused_rules": len(found.unused),
            "workloads": found.workloads,
            "existing": found.existing,
        },
        "edges": [_edge(item) for item in found.tried],
        "denied": [
            {"edge": item.edge.key, "reason": item.verdict.explanation, "denied_by": _denying(item)}
            for item in found.denied
        ],
        "denied_requests": [{"request": item.edge, "reason": item.reason} for item in found.denied_requests],
        "rules": [
            {
                "policy": rule.policy,
                "path": rule.path,
                "direction": rule.direction.value,
                "text": rule.text,
                "edges": list(rule.edges),
                "suspicious": list(rule.suspicious),
                "connections": rule.connections,
                "last_used": utc_text(rule.last_used) if rule.edges else None,
            }
            for rule in found.rules
        ],
        "idle": list(found.idle),
        "not_isolated": [{"workload": name, "direction": way.value} for name, way in found.ungoverned],
        "unjudged": [{"policy": name, "reason": reason} for name, reason in found.unjudged],
    }


def _edge(item: TriedEdge) -> dict[str, Any]:
    return {
        "id": item.edge.edge_id,
        "edge": item.edge.key,
        "disposition": item.decided.disposition.value,
        "reason": item.decided.reason,
        "passes": item.verdict.all_pass,
        "allowed_by": sorted({name for names in item.verdict.allowed_by for name in names}),
        "denied_by": _denying(item),
        "connections": item.edge.evidence.connections,
        "last_seen": utc_text(item.edge.evidence.last_seen),
    }


def _denying(item: TriedEdge) -> list[str]:
    return sorted({*item.verdict.forbidden_by, *item.verdict.held_by})
