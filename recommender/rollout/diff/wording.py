"""A difference in words: for the terminal and for a pull request."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from recommender.report.markdown_text import code, fenced
from recommender.report.printable import printable
from recommender.report.wording import counted
from recommender.rollout.diff.change import ChangeKind
from recommender.rollout.diff.view import counts
from recommender.semantics.port_spans import spans_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.diff.change import ConnectionChange, PolicyDiff

_TITLES: Final = {
    ChangeKind.ADDED: "Connections added",
    ChangeKind.WIDENED: "Connections widened",
    ChangeKind.SHIFTED: "Connections that gain and lose ports",
    ChangeKind.NARROWED: "Connections narrowed",
    ChangeKind.REMOVED: "Connections removed",
}
_MAX_ITEMS: Final = 200
"""Of one kind, so that a terminal and a pull request stay readable; JSON has all."""


def sentence(diff: PolicyDiff) -> str:
    """The difference in one line."""
    found = [f"{count} {kind}" for kind, count in counts(diff).items() if count and kind != "cut"]
    if not found:
        return (
            "the same connections pass"
            if not diff.requests
            else f"{counted(len(diff.requests), 'port')} differ in HTTP requests"
        )
    cut = len(diff.cuts)
    consequence = f"; {counted(cut, 'needed edge')} would be cut" if cut else ""
    return f"connections: {', '.join(found)}{consequence}"


def text_lines(diff: PolicyDiff, *, with_text: bool) -> Iterator[str]:
    """For the terminal; lines may hold hostile text and must be made printable."""
    yield f"old  {diff.old}"
    yield f"new  {diff.new}"
    yield from (f"not judged: {name}: {reason}" for name, reason in diff.unjudged)
    for title, items in _sections(diff):
        yield ""
        yield title
        yield from (f"  {line}" for line in items)
    if with_text:
        for change in diff.policies:
            yield ""
            yield f"{change.change}: {change.name}"
            yield from change.text
    yield ""
    beside = f", {counted(diff.existing, 'existing policy', 'existing policies')} beside both" if diff.existing else ""
    yield f"judged: {diff.workloads:,} workloads, {diff.pairs:,} pairs{beside}"
    yield sentence(diff)


def markdown_lines(diff: PolicyDiff, *, with_text: bool) -> Iterator[str]:
    """For a pull request: every text of others stands as code."""
    yield f"## Network policies: {sentence(diff)}"
    yield ""
    yield f"{code(diff.old)} → {code(diff.new)}; {diff.workloads:,} workloads, {diff.pairs:,} pairs judged."
    yield from (f"- not judged: {code(name)}: {code(reason)}" for name, reason in diff.unjudged)
    for title, items in _sections(diff):
        yield ""
        yield f"### {title}"
        yield ""
        yield from (f"- {code(line.strip())}" if line[0] != " " else f"    - {code(line.strip())}" for line in items)
    for change in diff.policies if with_text else ():
        yield ""
        yield f"<details><summary>{change.change}: {code(change.name, html_around=True)}</summary>"
        yield ""
        yield from fenced("\n".join(printable(line) for line in change.text), "diff")
        yield ""
        yield "</details>"


def _sections(diff: PolicyDiff) -> Iterator[tuple[str, list[str]]]:
    cut = [f"{edge.key}: {counted(edge.connections, 'connection')}, last {edge.last_seen}" for edge in diff.cuts]
    if cut:
        yield "Needed edges that the new policies would cut", _limited(cut)
    if diff.isolation:
        words = {True: "isolated now", False: "no longer isolated"}
        lines = [f"{item.workload}: {words[item.isolated]} for {item.direction}" for item in diff.isolation]
        yield "Default deny", _limited(lines)
    for kind, title in _TITLES.items():
        changes = [change for change in diff.connections if change.kind is kind]
        if changes:
            yield f"{title} ({len(changes):,})", _limited(list(_change_lines(changes)))
    if diff.requests:
        lines = [
            f"{item.source} -> {item.destination} {item.port}: " + _gained_and_lost(item.gained, item.lost)
            for item in diff.requests
        ]
        yield "HTTP requests", _limited(lines)
    yield from _evidence_sections(diff)


def _evidence_sections(diff: PolicyDiff) -> Iterator[tuple[str, list[str]]]:
    if diff.evidence is None:
        return
    parts = (
        (
            "Edges that only the new report saw",
            [f"{edge.key} ({edge.disposition})" for edge in diff.evidence.new_edges],
        ),
        (
            "Edges that only the old report saw",
            [f"{edge.key} ({edge.disposition})" for edge in diff.evidence.gone_edges],
        ),
        ("Findings that are new", list(diff.evidence.new_findings)),
        ("Findings that are settled", list(diff.evidence.settled_findings)),
    )
    yield from ((f"{title} ({len(lines):,})", _limited(lines)) for title, lines in parts if lines)


def _change_lines(changes: list[ConnectionChange]) -> Iterator[str]:
    """Each pair with its ports; below it what decides and what was seen, the same reasons of one source once."""
    for (source, because), items in groupby(changes, key=lambda change: (change.source, change.because)):
        for change in items:
            partial = "  (for some of the pods)" if change.partial else ""
            yield f"{source} -> {change.destination}  {_ports(change)}{partial}"
            for edge in change.seen:
                yield (
                    f"    seen: {edge.protocol}/{edge.port} {counted(edge.connections, 'connection')} on "
                    f"{counted(edge.active_days, 'day')}, last {edge.last_seen}, {edge.disposition}"
                )
        yield from (f"    {reason}" for reason in because)


def _ports(change: ConnectionChange) -> str:
    gained, lost = (spans_text(spans) for spans in (change.gained, change.lost))
    return " ".join(f"{sign}{text}" for sign, text in (("+ ", gained), ("- ", lost)) if text)


def _gained_and_lost(gained: tuple[str, ...], lost: tuple[str, ...]) -> str:
    return "; ".join([*(f"+ {text}" for text in gained), *(f"- {text}" for text in lost)])


def _limited(lines: list[str]) -> list[str]:
    if len(lines) <= _MAX_ITEMS:
        return lines
    return [*lines[:_MAX_ITEMS], f"… {len(lines) - _MAX_ITEMS:,} more lines: --format json has all"]
