"""Who may ask the cluster's DNS."""

from __future__ import annotations

from enum import StrEnum


class DnsScope(StrEnum):
    """Which isolated groups get the DNS baseline."""

    OBSERVED = "observed"
    """Those that were seen asking."""
    CLIENTS = "clients"
    """Those too that open connections without having been seen asking: they may ask at their next start."""
    ALL = "all"
    """Every one."""
