"""One end with an address, and how each node's agent writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulator.cluster import Workload

FOREVER = 1 << 62
OUTSIDE = -1


@dataclass(slots=True, kw_only=True)
class Peer:
    """One end with an address. `views[node]` is its JSON as that node's agent writes it."""

    name: str
    address: str
    mac: str
    node: int
    views: tuple[str, ...]
    end: str
    """As truth rows name it; empty for hosts, whose name depends on who looks."""
    interface: str = ""
    pod: bool = False
    audited: bool = False
    proxied: bool = False
    born: int = 0
    died: int = FOREVER
    namespace: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    cookie: int = 0
    address_six: str = ""

    @property
    def over_six(self) -> str:
        """The IPv6 address; of an end that has none but IPv4, as NAT64 writes it (RFC 6052)."""
        if ":" in self.address:
            return self.address
        return self.address_six or f"64:ff9b::{self.address}"


def remote_pod(workload: Workload, *, name: str, address: str, view: str, nodes: int) -> Peer:
    """A pod of another cluster: no node of ours runs it, and all agents write it the same; `view` is left open."""
    return Peer(
        name=name,
        address=address,
        mac="02:42:ac:12:00:02",
        node=OUTSIDE,
        views=(f'{view},"pod_name":"{name}"}}',) * nodes,
        end=workload.end,
        namespace=workload.namespace,
        labels=workload.labels,
    )
