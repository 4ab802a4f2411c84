"""Policies to manifests: one dialect a policy API, canonical YAML with provenance."""

from recommender.dialect.losses import excluded_by_losses, loss_gaps
from recommender.dialect.write import write

__all__ = ["excluded_by_losses", "loss_gaps", "write"]
