"""Regular contacts of a client that began after it had scanned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.quarantine.after_scan import begun_after_a_scan

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges began after their client began to scan?"""
    return {edge_id: "began after its client had scanned" for edge_id, _ in begun_after_a_scan(context)}
