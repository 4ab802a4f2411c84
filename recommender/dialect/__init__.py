"""Policies to manifests: one dialect a policy API, canonical YAML with provenance."""

from recommender.dialect.held_files import held_files
from recommender.dialect.losses import excluded_by_losses, loss_gaps
from recommender.dialect.releases import write_releases
from recommender.dialect.write import write

__all__ = ["excluded_by_losses", "held_files", "loss_gaps", "write", "write_releases"]
