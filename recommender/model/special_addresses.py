"""Addresses with a meaning of their own: metadata services, and ranges that are not the internet."""

from __future__ import annotations

import ipaddress
from typing import Final

METADATA_ADDRESSES: Final = frozenset(
    {
        "169.254.169.254",  # AWS, Azure, GCP and most others
        "169.254.170.2",  # AWS ECS
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure's WireServer, inside the public range
        "fd00:ec2::254",  # AWS over IPv6
        "fd20:ce::254",  # GCP over IPv6
    }
)
"""Where clouds hand out instance credentials and secrets."""
METADATA_NAMES: Final = frozenset({"metadata.google.internal", "instance-data.ec2.internal"})

_AZURE: Final = "168.63.129.16"
_DNS_PORT: Final = 53

PRIVATE_NETWORKS: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
"""Private, shared and link-local ranges (RFC 1918, 6598, 3927, 4193, 4291): never outside the organisation."""

UNJOINABLE_NETWORKS: Final = (
    *PRIVATE_NETWORKS,
    *(ipaddress.ip_network(address) for address in sorted(METADATA_ADDRESSES)),
    *(
        ipaddress.ip_network(text)
        for text in (
            "0.0.0.0/8",
            "127.0.0.0/8",
            "192.0.0.0/24",
            "198.18.0.0/15",
            "224.0.0.0/3",  # multicast, reserved, broadcast
            "::/8",  # unspecified, loopback, IPv4-mapped
            "64:ff9b::/96",  # NAT64 and 6to4 carry IPv4 addresses, private ones among them
            "64:ff9b:1::/48",
            "2002::/16",
            "fec0::/10",
            "ff00::/8",
        )
    ),
)
"""Ranges that no joined prefix may touch (IANA special-purpose registries); their addresses stay single."""


def is_metadata(address: str, port: int) -> bool:
    """Whether this is a cloud's metadata service; Azure's is also the resolver of every node there, on port 53."""
    return address in METADATA_ADDRESSES and not (address == _AZURE and port == _DNS_PORT)


def is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address belongs to a private, shared or link-local range."""
    return any(address in network for network in PRIVATE_NETWORKS)
