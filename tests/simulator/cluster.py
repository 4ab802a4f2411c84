"""What a simulated cluster is: nodes, workloads, services and who talks to whom.

Ends of a conversation are short words: `namespace/workload`, `node` (a host process on any node), `kubelet` (the host
process on the server's own node), `apiserver`, `fqdn:NAME`, `ip:ADDRESS`, `world` (clients behind a load balancer).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulator.http_calls import HttpCall
from typing import Any

from tests.simulator.unwanted import Noise


class Kind(StrEnum):
    """The owner of a pod, as Cilium's `workloads` field names it."""

    DEPLOYMENT = "Deployment"
    STATEFUL_SET = "StatefulSet"
    DAEMON_SET = "DaemonSet"
    CRON_JOB = "CronJob"
    POD = "Pod"


class TrafficClass(StrEnum):
    """Why a conversation is needed; the `class` of a truth row."""

    WORKLOAD = "workload"
    DNS = "dns"
    APISERVER = "apiserver"
    SCRAPE = "scrape"
    EXTERNAL_NAME = "external-name"
    EXTERNAL_ADDRESS = "external-address"
    WORLD_INGRESS = "world-ingress"
    ICMP = "icmp"
    PROBE = "implicit-probe"
    NODE = "node"


class Schedule(StrEnum):
    """When connections of a conversation happen; a CronJob's conversations follow its own calendar."""

    STEADY = "steady"
    DIURNAL = "diurnal"
    CRON = "cron"


class Level(StrEnum):
    """How much of a connection the monitor lets through."""

    VERDICT_ONLY = "verdict-only"
    SPARSE = "sparse"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A calendar in cron's own five fields; None is `*`."""

    minute: int = 0
    hour: int | None = None
    day: int | None = None
    weekday: int | None = None
    """0 is Sunday."""

    @property
    def expression(self) -> str:
        """The five fields as a CronJob writes them."""
        parts = (self.minute, self.hour, self.day, None, self.weekday)
        return " ".join("*" if part is None else str(part) for part in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A namespace and its own labels."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPort:
    """A container port with a name."""

    name: str
    number: int
    protocol: str = "TCP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """All pods are replaced, one label changes."""

    day: float
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Pods with one template."""

    namespace: str
    name: str
    kind: Kind = Kind.DEPLOYMENT
    labels: tuple[tuple[str, str], ...] = ()
    replicas: int = 1
    service_account: str = "default"
    ports: tuple[NamedPort, ...] = ()
    probe_port: int = 0
    """Probed by the kubelet; 0 for none."""
    audit: bool = True
    """Whether a policy selects the pods, so that verdict events exist."""
    dns_per_hour: float = 0.0
    dns_over_tcp: bool = False
    dns_proxy: bool = False
    cron: Cron | None = None
    job_name_label: bool = False
    """Whether the label `job-name` is identity relevant, so each run gets an identity of its own."""
    rollout: Rollout | None = None
    host_network: bool = False
    ordinal_labels: bool = False
    """Whether a StatefulSet's `pod-name` and `pod-index` are identity relevant: each replica has an identity."""
    cluster: str = ""
    """Another cluster of the mesh, whose nodes are not captured; empty for the cluster's own."""

    @property
    def key(self) -> str:
        """`namespace/name`, with another cluster's name in front."""
        return f"{self._prefix}{self.namespace}/{self.name}"

    @property
    def end(self) -> str:
        """The workload as truth rows name it."""
        return f"{self._prefix}{self.namespace}/{self.kind}/{self.name}"

    @property
    def _prefix(self) -> str:
        return f"{self.cluster}/" if self.cluster else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service in front of a workload."""

    namespace: str
    name: str
    target: str
    port: int
    target_port: int
    protocol: str = "TCP"
    type: str = "ClusterIP"
    headless: bool = False
    local_traffic_policy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalName:
    """A DNS name outside the cluster; its address moves through `addresses` every `ttl` seconds or so."""

    name: str
    addresses: tuple[str, ...]
    ttl: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy that exists already."""

    namespace: str
    name: str
    kind: str = "CiliumNetworkPolicy"
    unused: tuple[tuple[str, str, dict[str, Any]], ...] = ()
    """Rules beside those that conversations use: (workload that is governed, section, rule)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A need: client connects to server on a port."""

    client: str
    server: str
    port: int
    protocol: str = "TCP"
    per_hour: float = 1.0
    schedule: Schedule = Schedule.STEADY
    cron: Cron | None = None
    burst: int = 1
    """Mean connections an arrival."""
    traffic: TrafficClass = TrafficClass.WORKLOAD
    egress_policy: str = ""
    """Name of the existing policy that allows it at the client; empty: audited."""
    ingress_policy: str = ""
    established: bool = False
    """The connection is older than the window: only ESTABLISHED traces."""
    one_way: bool = False
    starts: float = 0.0
    """Day of the window on which it begins to be needed: a release brings new calls."""
    node_local: bool = False
    http: tuple[HttpCall, ...] = ()
    """Requests on its connections, if `visibility` lets the server's proxy log them."""
    visibility: str = ""
    """Name of the existing policy that sends the connections through the server's HTTP proxy."""
    visible_share: float = 1.0
    """Share of the connections that go that way."""

    ports: int = 1
    """How many ports from `port` on the server hands out, one a connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The whole description."""

    name: str
    version: str = "1.20.1+g5ca1ab1e"
    nodes: tuple[str, ...]
    """The first is the control plane."""
    namespaces: tuple[Namespace, ...]
    workloads: tuple[Workload, ...]
    remote: tuple[Workload, ...] = ()
    """Workloads of other clusters of the mesh."""
    services: tuple[Service, ...] = ()
    externals: tuple[ExternalName, ...] = ()
    policies: tuple[Policy, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    noise: Noise = field(default_factory=Noise)
    level: Level = Level.SPARSE
    ethernet: bool = True
    node_labels: bool = True
    summary: bool = True
    socket_share: float = 0.1
    """Share of connections through a service that also show socket translation events."""
    ipv6_share: float = 0.0
    """Share of connections between pods that use IPv6; more than none makes the cluster dual-stack."""
    extra_share: float = 0.15
    """Share of connections that show their second-line traces at level sparse."""
