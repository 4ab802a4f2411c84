"""The id of a flow record: repeats of one record have the same id, different records different ones."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.ingest.endpoints import content_hash

if TYPE_CHECKING:
    from recommender.ingest.block_text import BlockText, Flags, Places, Words
    from recommender.ingest.layers import Transport
    from recommender.ingest.messages import Flow

_UUID_DIGITS: Final = 32
_MASK: Final = 2**64 - 1
_ODD_MULTIPLIER: Final = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio, which spreads neighbouring numbers (Knuth, multiplicative hashing)."""


def uuid_event_id(uuid: str) -> int:
    """64 bits of Hubble's uuid (lower case): both halves of its 128 bits mixed, or a hash if it is no uuid."""
    digits = uuid.replace("-", "")
    if len(digits) == _UUID_DIGITS:
        try:
            number = int(digits, 16)
        except ValueError:
            pass
        else:
            return ((number >> 64) * _ODD_MULTIPLIER + number) & _MASK
    return int.from_bytes(hashlib.blake2b(uuid.encode(), digest_size=8).digest(), "big")


def uuid_event_ids(text: BlockText, places: Places) -> tuple[Words, Flags]:
    """`uuid_event_id` of the uuids at many places of a block, and whether a lower-case uuid stands there."""
    fits: Flags = np.ones(len(places), np.bool_)
    for dash in (8, 13, 18, 23):
        fits &= text.bytes[places + dash] == ord("-")
    half = np.uint64(2**32 - 1)
    words = (
        text.words(places),
        text.words(places + 9) & half | text.words(places + 14) << np.uint64(32),
        text.words(places + 19) & half | text.words(places + 24) << np.uint64(32),
        text.words(places + 28),
    )
    quarters = []
    for word in words:
        value, digits = text.hexadecimal(word)
        quarters.append(value)
        fits &= digits
    high, low = (quarters[n] << np.uint64(32) | quarters[n + 1] for n in (0, 2))
    return high * np.uint64(_ODD_MULTIPLIER) + low, fits


def content_event_id(flow: Flow, *, node: str, time: int, transport: Transport) -> int:
    """64 bits of what tells records without a uuid apart (hubble-quirks 10).

    Node, time, event type and sub type, tuple, observation point and verdict; for L7 also the kind and what was asked,
    since the questions for A and AAAA differ in nothing else. Where the export left out addresses or ports, as
    aggregated ones may, also the ends and the direction, which are then all that differs.
    """
    addresses, event, layer = flow.IP, flow.event_type, flow.l7
    question: tuple[object, ...] = ()
    if layer is not None:
        dns, http = layer.dns, layer.http
        question = (
            layer.type,
            (dns.query, dns.qtypes, dns.rcode) if dns else None,
            (http.method, http.url, http.code) if http else None,
        )
    return content_hash(
        (
            "flow",
            node,
            time,
            (event.type, event.sub_type or event.camel_sub_type or 0) if event else None,
            (addresses.source, addresses.destination) if addresses else None,
            transport,
            flow.trace_observation_point,
            flow.sock_xlate_point,
            str(flow.socket_cookie or ""),
            flow.verdict,
            question,
            *_ends(flow),
        )
    )


def _ends(flow: Flow) -> tuple[object, ...]:
    if flow.IP is not None and flow.l4 is not None:
        return ()
    sides = (bytes(side).decode("utf-8", "replace") for side in (flow.source, flow.destination))
    return (*sides, flow.traffic_direction, flow.is_reply)
