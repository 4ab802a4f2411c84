"""How much of the traffic the capture itself lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from recommender.model.capture import Capture


def loss_share(capture: Capture, nodes: Collection[str] = ()) -> float:
    """Share of events lost, 0 to 1: lost / (seen + lost) (hubble-quirks 12).

    With nodes named, of the worst of them that reported a loss; otherwise of the capture as a whole.
    """
    shares = [_share(node.lost_events, node.flows) for node in capture.nodes if node.node in nodes]
    whole = _share(capture.lost_events, capture.flows)
    # Losses that carry no node's name may have happened on any node.
    attributed = sum(node.lost_events for node in capture.nodes)
    return max(shares) if shares and attributed >= capture.lost_events else whole


def _share(lost: int, seen: int) -> float:
    return lost / (seen + lost) if lost else 0.0
