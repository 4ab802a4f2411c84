"""Peers of rules, as the report shows them."""

from __future__ import annotations

from typing import Any, assert_never

from recommender.model.policy import CidrPeer, EntityPeer, FqdnPeer, GroupPeer, Peer
from recommender.report.alike import Alike


def peer_view(peer: Peer, alike: Alike | None = None) -> dict[str, Any]:
    """The far side of a rule; `addresses` are the prefixes of a CIDR peer, else the addresses seen for it."""
    match peer:
        case GroupPeer(group=group):
            return (alike or Alike()).once(group.display, _group_view)
        case EntityPeer(entity=entity, addresses=addresses):
            return {"kind": "entity", "text": entity.value, "addresses": sorted(addresses)}
        case FqdnPeer(name=name, addresses=addresses):
            return {"kind": "fqdn", "text": name, "addresses": sorted(addresses)}
        case CidrPeer(cidrs=cidrs, excepted=excepted):
            text = ", ".join(sorted(cidrs)) + (f" but {', '.join(sorted(excepted))}" if excepted else "")
            return {"kind": "cidr", "text": text, "addresses": sorted(cidrs)}
        case _:
            assert_never(peer)


def _group_view(display: str) -> dict[str, Any]:
    return {"kind": "group", "text": display, "addresses": []}
