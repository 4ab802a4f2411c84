"""The closed sets of values that Hubble's filter flags take, and the answer to a value outside them.

Names and numbers as in Cilium's `api/v1/flow/flow.proto`, `pkg/monitor/api` and `pkg/identity`.
"""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from recommender.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

EVENT_TYPES: Final = MappingProxyType(
    {"drop": 1, "capture": 3, "trace": 4, "policy-verdict": 5, "trace-sock": 7, "l7": 129}
)
TRACE_POINTS: Final = MappingProxyType(
    {
        "to-endpoint": 0,
        "to-proxy": 1,
        "to-host": 2,
        "to-stack": 3,
        "to-overlay": 4,
        "from-endpoint": 5,
        "from-proxy": 6,
        "from-host": 7,
        "from-stack": 8,
        "from-overlay": 9,
        "from-network": 10,
        "to-network": 11,
        "from-crypto": 12,
        "to-crypto": 13,
    }
)
VERDICTS: Final = ("FORWARDED", "DROPPED", "ERROR", "AUDIT", "REDIRECTED", "TRACED", "TRANSLATED")
DIRECTIONS: Final = ("INGRESS", "EGRESS")
L4_PROTOCOLS: Final = MappingProxyType(
    {
        "icmp": ("ICMPv4", "ICMPv6"),
        "icmpv4": ("ICMPv4",),
        "icmpv6": ("ICMPv6",),
        "tcp": ("TCP",),
        "udp": ("UDP",),
        "sctp": ("SCTP",),
        "vrrp": ("VRRP",),
        "igmp": ("IGMP",),
    }
)
L7_PROTOCOLS: Final = ("dns", "http", "kafka")
HTTP_METHODS: Final = ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
IP_VERSIONS: Final = MappingProxyType(
    {
        **dict.fromkeys(("4", "v4", "ipv4", "ip4"), "v4"),
        **dict.fromkeys(("6", "v6", "ipv6", "ip6"), "v6"),
        "none": "none",
    }
)
RESERVED_IDENTITIES: Final = MappingProxyType(
    {
        "unknown": 0,
        "host": 1,
        "world": 2,
        "unmanaged": 3,
        "health": 4,
        "init": 5,
        "remote-node": 6,
        "kube-apiserver": 7,
        "ingress": 8,
        "world-ipv4": 9,
        "world-ipv6": 10,
        "encrypted-overlay": 11,
    }
)


def unknown_value(value: str, *, flag: str, known: Iterable[str]) -> UsageError:
    """Say that the flag does not take the value, and name the nearest one that it takes."""
    words = sorted(known)
    folded = {word.lower(): word for word in words}
    near = get_close_matches(value.lower(), folded, n=1)
    few_enough_to_list = 16
    hint = f"--{flag} {folded[near[0]]}" if near else ""
    if not near and len(words) <= few_enough_to_list:
        hint = "one of " + ", ".join(words)
    meant = f"; did you mean {folded[near[0]]!r}?" if near else ""
    return UsageError(f"unknown value {value!r}{meant}", where=f"--{flag}", hint=hint)


def known_word(value: str, *, flag: str, known: Iterable[str]) -> str:
    """Find the value among the known words, whatever its case.

    Raises:
        UsageError: it is none of them.
    """
    words = list(known)
    for word in words:
        if word.lower() == value.lower():
            return word
    raise unknown_value(value, flag=flag, known=words)
