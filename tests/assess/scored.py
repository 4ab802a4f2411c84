"""Scores of hand-made edges."""

from recommender.assess import edge_confidences, score_edges
from recommender.model.disposition import Decided
from recommender.model.edge import OrientationReason
from recommender.model.inventory import Inventory
from tests.assess.builders import NEEDED, SECOND, START, capture, edge

KEPT = Decided(disposition=NEEDED)
HOUR_NS = 3600 * SECOND


def activity(*hours):
    """Bits of these hours of the window, as `Evidence.activity` holds them."""
    packed = bytearray(max(hours) // 8 + 1)
    for hour in hours:
        packed[hour // 8] |= 128 >> hour % 8
    return bytes(packed)


def active(*hours, client=None, server=None, port=5432, **parts):
    """An edge active in these hours of the window."""
    ends = {name: end for name, end in (("client", client), ("server", server)) if end is not None}
    base = {
        "connections": len(hours),
        "reasons": ((OrientationReason.TCP_FLAGS, len(hours)),),
        "first_seen": START + min(hours) * HOUR_NS,
        "last_seen": START + (max(hours) + 1) * HOUR_NS - 1,
        "active_hours": len(hours),
        "active_six_hours": len({hour // 6 for hour in hours}),
        "active_days": len({hour // 24 for hour in hours}),
        "activity": activity(*hours),
    }
    return edge(port=port, **ends, **(base | parts))


def scores(*edges, decided=None, window=None, workloads=(), inventory=None):
    """Everything that scoring says of them; needed unless `decided` says otherwise."""
    decisions = {one.edge_id: KEPT for one in edges} | (decided or {})
    return score_edges(
        edges, decisions, workloads=workloads, capture=window or capture(), inventory=inventory or Inventory()
    )


def confidence(one, decided=KEPT, *others, window=None, workloads=()):
    """The confidence of one edge among others."""
    found = scores(one, *others, decided={one.edge_id: decided}, window=window, workloads=workloads)
    return edge_confidences(found)[one.edge_id]
