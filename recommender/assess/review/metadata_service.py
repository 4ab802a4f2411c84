"""Contacts with a cloud's instance metadata service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.ends import is_metadata_service

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges reach for instance credentials?"""
    return {
        edge_id: "reaches the cloud's metadata service, which hands out the node's credentials"
        for edge_id, edge in context.edges.items()
        if is_metadata_service(edge)
    }
