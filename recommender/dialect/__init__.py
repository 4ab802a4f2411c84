"""Policies to manifests: one dialect a policy API, canonical YAML with provenance."""

from recommender.dialect.held_files import held_files
from recommender.dialect.losses import excluded_by_losses, loss_gaps
from recommender.dialect.losses_compared import compared_gaps, say_in_each
from recommender.dialect.releases import write_releases
from recommender.dialect.write import kustomization_of, write

__all__ = [
    "compared_gaps",
    "excluded_by_losses",
    "held_files",
    "kustomization_of",
    "loss_gaps",
    "say_in_each",
    "write",
    "write_releases",
]
