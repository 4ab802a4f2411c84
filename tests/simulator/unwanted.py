"""What happens in a simulated cluster although nobody needs it. Ends are the words of `cluster`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeniedCall:
    """A call that a deny rule forbids; `dropped` when the rule is enforced, otherwise audited."""

    client: str
    server: str
    port: int
    policy: str
    dropped: bool = False
    per_hour: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadCall:
    """A retry loop to a server that never answers, or refuses."""

    client: str
    server: str
    port: int
    refused: bool = False
    per_hour: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A compromised pod that tries everything it can see."""

    client: str
    day: float
    targets: int = 20
    ports: tuple[int, ...] = (22, 80, 443, 3306, 5432, 6379, 8080)
    slow: bool = False
    """One target an hour instead of all in a minute."""
    open_only: bool = False
    """It knows what listens where: every target is touched on its own port, and answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intrusion:
    """A compromised pod that reaches something that it never needed, and is answered."""

    client: str
    server: str
    port: int
    day: float
    times: int = 1
    """Connections, one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beacon:
    """A compromised pod that reports to an address outside, in a regular rhythm."""

    client: str
    address: str
    day: float
    port: int = 443
    every_minutes: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """A compromised pod that carries data out in the names that it looks up."""

    client: str
    domain: str
    day: float
    per_hour: float = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DebugPod:
    """A person's throw-away pod and what it touched."""

    namespace: str
    day: float
    calls: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Everything in the capture that nobody needs."""

    scans: tuple[Scan, ...] = ()
    debug_pods: tuple[DebugPod, ...] = ()
    denied: tuple[DeniedCall, ...] = ()
    dead: tuple[DeadCall, ...] = ()
    intrusions: tuple[Intrusion, ...] = ()
    beacons: tuple[Beacon, ...] = ()
    tunnels: tuple[Tunnel, ...] = ()
    multicast_by: tuple[str, ...] = ()
    neighbour_discovery_per_hour: float = 0.3
    health_per_hour: float = 0.3
    underlay_per_hour: float = 0.2
    datapath_drops_per_hour: float = 0.2
    misread_replies_per_day: float = 5.0
    nameless_share: float = 0.003
    repeat_share: float = 0.003
    malformed_per_day: float = 3.0
    lost_per_day: float = 5.0
    agent_restart_day: float = -1.0
    """Day at which one node's agent restarts; negative for never."""
