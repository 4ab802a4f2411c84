"""The same policies in every dialect: what each cannot say, and what it opens instead; a part of the main job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.dialect import compared_gaps, say_in_each
from recommender.semantics.manifest_documents import ManifestDocument, cluster_of_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.complement import InForce
    from recommender.model.dialect_width import DialectWidth
    from recommender.model.gap import Gap
    from recommender.model.group import Group
    from recommender.model.manifest import Dialect
    from recommender.model.policy import Policy
    from recommender.model.recommendation import AssessedEdge

MOST_GROUPS: Final = 150
"""Groups beyond which pairs are not judged once a dialect: it would take longer than the rest of the run."""


def compare_dialects(
    policies: Sequence[Policy], edges: Mapping[str, AssessedEdge], groups: Sequence[Group], in_force: InForce
) -> tuple[Gap, ...]:
    """How much wider would these policies be in another dialect, by the evaluator's reading of what it would write?

    Existing policies that count are judged together with each dialect's. Without losses nothing is said, and beyond
    `MOST_GROUPS` groups only the losses are.
    """
    said = say_in_each(policies, edges)
    widths = {
        dialect: _width(dialect, one.documents, groups, in_force)
        for dialect, one in said.items()
        if len(groups) <= MOST_GROUPS
    }
    return compared_gaps(said, widths, len(groups))


def _width(
    dialect: Dialect, documents: Sequence[Mapping[str, object]], groups: Sequence[Group], in_force: InForce
) -> DialectWidth:
    written = [
        ManifestDocument(path=f"{dialect.value}:{number}", cluster=cluster_of_document(document), document=document)
        for number, document in enumerate(documents)
    ]
    return in_force.judge.in_dialect(dialect).width_with(groups, written)
