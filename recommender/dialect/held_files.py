"""Quarantined edges as files that nothing applies by itself: why each was held back, and what would allow it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from recommender.dialect.evidence_comment import utc_minute
from recommender.dialect.header import provenance_lines
from recommender.dialect.yaml_text import comment
from recommender.model.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.edge import Evidence
    from recommender.model.manifest import Provenance
    from recommender.model.recommendation import AssessedEdge
    from recommender.model.release import HeldEdge

_ABOUT: Final = (
    "In quarantine: these edges are left out of the policies of this run.",
    "The suffix keeps this file from being applied with a directory. Apply the policies first, then, to release one",
    "edge, the command that stands above it (in the directory of the report), or copy its documents.",
)
_PROVED: Final = "Proof: by the evaluator, these documents and the policies of this run let it pass"
_NOT_ENOUGH: Final = "NOT ENOUGH: by the evaluator, policies in force (a deny rule) stop it with these documents too"
_MOST_OTHERS: Final = 5


def held_files(
    held: Iterable[HeldEdge], *, edges: Mapping[str, AssessedEdge], provenance: Provenance
) -> tuple[Manifest, ...]:
    """One file a client, sorted by path; edges keep the order in which they are given."""
    ordered = sorted(held, key=lambda one: one.file)
    return tuple(
        Manifest(path=path, policy="", text=_file(list(found), edges, provenance))
        for path, found in groupby(ordered, key=lambda one: one.file)
    )


def _file(held: list[HeldEdge], edges: Mapping[str, AssessedEdge], provenance: Provenance) -> str:
    header = "".join(f"{comment(line)}\n" for line in (*provenance_lines(provenance), "", *_ABOUT))
    return header + "".join(_entry(one, edges[one.edge_id]) for one in held)


def _entry(held: HeldEdge, assessed: AssessedEdge) -> str:
    lines = [
        f"Edge: {held.edge}",
        f"Quarantined: {held.reason}",
        f"Evidence: {_evidence(assessed.edge.evidence)}",
        f"Confidence: {assessed.confidence.band.value} ({assessed.confidence.value:.2f})",
        *_way_out(held),
    ]
    if assessed.edge.evidence.verdicts.explicitly_denied:
        lines.append("Existing deny rules win over any allow: change them first (kubectl get cnp,ccnp -A).")
    head = "".join(f"{comment(line)}\n" for line in lines)
    if not held.manifests:
        return f"\n{head}"
    # Of use in full only, and made of a path of ours and hex digits: it needs none of the comment's care.
    head += f"# Release: {held.command}\n"
    return f"---\n{head}" + "---\n".join(manifest.text for manifest in held.manifests)


def _way_out(held: HeldEdge) -> list[str]:
    if held.obstacle:
        return [f"No YAML: {held.obstacle}"]
    lines = [_PROVED if held.allows else _NOT_ENOUGH]
    if held.opens:
        shown = "; ".join(held.opens[:_MOST_OTHERS])
        rest = len(held.opens) - _MOST_OTHERS
        lines.append(f"Lets through from quarantine as well: {shown}" + (f"; {rest} more" if rest > 0 else ""))
    return lines


def _evidence(evidence: Evidence) -> str:
    refused = f", {evidence.refused} refused" if evidence.refused else ""
    denied = evidence.verdicts.denied + evidence.verdicts.explicitly_denied
    stopped = f", {denied} denied by policies" if denied else ""
    seen = f"seen {utc_minute(evidence.first_seen)} to {utc_minute(evidence.last_seen)}"
    counts = f"connections {evidence.connections}, answered {evidence.answered}{refused}{stopped}"
    return f"{counts}, hours {evidence.active_hours}, days {evidence.active_days}, {seen}"
