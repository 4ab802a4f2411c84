"""Where everything runs: pods with names, addresses, identities, lifetimes, and their JSON as each node sees it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.simulator.cluster import Cluster, Kind, Workload
from tests.simulator.peer import FOREVER, OUTSIDE, Peer, remote_pod
from tests.simulator.records import DAY, SECOND, compact

if TYPE_CHECKING:
    from collections.abc import Sequence

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
LAST_HOST = 180
WORLD_JSON = '{"identity":2,"labels":["reserved:world"]}'
HOST_JSON = '{"identity":1,"labels":["reserved:host"]}'
CONTROL_HOST_JSON = '{"identity":1,"labels":["reserved:host","reserved:kube-apiserver"]}'
REMOTE_JSON = '{"identity":6,"labels":["reserved:remote-node"]}'
APISERVER_JSON = '{"identity":7,"labels":["reserved:kube-apiserver","reserved:remote-node"]}'
HEALTH_JSON = '{"ID":7,"identity":4,"labels":["reserved:health"]}'


def _in_six(address: str) -> str:
    """A dual-stack pod's second address: `10.244.3.12` and `fd00:10:244:3::12`."""
    return address.replace("10.244.", "fd00:10:244:").replace(".", "::")


def ordinal_labels(workload: Workload, replica: int) -> dict[str, str]:
    """What the StatefulSet controller writes on each pod, where these labels are part of the identity."""
    if not workload.ordinal_labels:
        return {}
    pod = f"{workload.name}-{replica}"
    return {"apps.kubernetes.io/pod-index": str(replica), "statefulset.kubernetes.io/pod-name": pod}


def random_word(random: Random, length: int) -> str:
    """A pod-name suffix in Kubernetes' own alphabet."""
    return "".join(ALPHABET[int(random.random() * len(ALPHABET))] for _ in range(length))


class Placement:
    """Pods, hosts and outside ends of one cluster."""

    def __init__(self, cluster: Cluster, seed: int, start: int, days: float) -> None:
        self.cluster = cluster
        self.start = start
        self.seed = seed
        self.stop = start + round(days * DAY)
        self._random = Random(f"placement/{cluster.name}/{seed}")
        count = len(cluster.nodes)
        self.node_addresses = tuple(f"172.18.0.{index + 2}" for index in range(count))
        self.router_addresses = tuple(f"10.244.{index}.{self._draw(230, 250)}" for index in range(count))
        self.skews = tuple(self._draw(-40_000_000, 40_000_000) for _ in range(count))
        self._next_host = [10 + self._draw(0, 5) for _ in range(count)]
        self._next_run = [0] * count
        self._identities: dict[tuple[str, ...], int] = {}
        self._local_identities: dict[tuple[int, str], int] = {}
        self._namespace_labels = {item.name: item.labels for item in cluster.namespaces}
        self._outside: dict[tuple[str, str], Peer] = {}
        self._runs: dict[tuple[str, int], Peer] = {}
        self.hosts = tuple(self._host(index) for index in range(count))
        self.workloads = {workload.key: workload for workload in (*cluster.workloads, *cluster.remote)}
        self.pods: dict[str, list[Peer]] = {
            workload.key: self._place(workload) for workload in cluster.workloads if not workload.host_network
        }
        self.pods |= {workload.key: self._place_remote(workload) for workload in cluster.remote}

    def _draw(self, low: int, high: int) -> int:
        return low + int(self._random.random() * (high - low))

    def _mac(self) -> str:
        return ":".join(f"{(self._draw(0, 256) & 0xFE) | (2 if not part else 0):02x}" for part in range(6))

    def _host(self, index: int) -> Peer:
        views = [APISERVER_JSON if index == 0 else REMOTE_JSON] * len(self.cluster.nodes)
        views[index] = CONTROL_HOST_JSON if index == 0 else HOST_JSON
        return Peer(
            name=self.cluster.nodes[index],
            address=self.node_addresses[index],
            mac=self._mac(),
            node=index,
            views=tuple(views),
            end="",
        )

    def _place(self, workload: Workload) -> list[Peer]:
        if workload.kind is Kind.CRON_JOB:
            return []
        count = len(self.cluster.nodes)
        replicas = count if workload.kind is Kind.DAEMON_SET else workload.replicas
        first = self._draw(1, count)
        rollout = workload.rollout
        when = self.start + round(rollout.day * DAY) if rollout else FOREVER
        pods = []
        for generation in range(2 if rollout else 1):
            labels = dict(workload.labels)
            if rollout:
                labels[rollout.label] = rollout.after if generation else rollout.before
            template_hash = random_word(self._random, 9)
            for replica in range(replicas):
                own = ordinal_labels(workload, replica)
                node = replica if workload.kind is Kind.DAEMON_SET else 1 + (first + replica) % (count - 1)
                switch = when + replica * 20 * SECOND
                pods.append(
                    self._pod(
                        workload,
                        name=self._pod_name(workload, template_hash, replica),
                        labels=tuple(sorted((labels | own).items())),
                        node=node,
                        born=switch if generation else 0,
                        died=switch if rollout and not generation else FOREVER,
                    )
                )
        return pods

    def _pod_name(self, workload: Workload, template_hash: str, replica: int) -> str:
        match workload.kind:
            case Kind.STATEFUL_SET:
                return f"{workload.name}-{replica}"
            case Kind.DAEMON_SET:
                return f"{workload.name}-{random_word(self._random, 5)}"
            case Kind.POD | Kind.CRON_JOB:
                return workload.name
            case Kind.DEPLOYMENT:
                return f"{workload.name}-{template_hash}-{random_word(self._random, 5)}"

    def _pod(
        self,
        workload: Workload,
        *,
        name: str,
        labels: tuple[tuple[str, str], ...],
        node: int,
        born: int = 0,
        died: int = FOREVER,
        short_lived: bool = False,
    ) -> Peer:
        address = self._address(node, short_lived=short_lived)
        identity_labels = self._identity_labels(workload, labels)
        identity = self._identities.setdefault(identity_labels, 0) or self._new_identity(identity_labels)
        known = (
            f'"identity":{identity},"cluster_name":"{self.cluster.name}","namespace":"{workload.namespace}",'
            f'"labels":{compact(list(identity_labels))}'
        )
        named = f'{known},"pod_name":"{name}"'
        owner = (
            "" if workload.kind is Kind.POD else f',"workloads":[{{"name":"{workload.name}","kind":"{workload.kind}"}}]'
        )
        views = [f"{{{named}}}"] * len(self.cluster.nodes)
        views[node] = f'{{"ID":{self._draw(3, 4090)},{named}{owner}}}'
        return Peer(
            name=name,
            address=address,
            mac=self._mac(),
            node=node,
            views=tuple(views),
            end=workload.end,
            interface=f'{{"index":{self._draw(10, 400)},"name":"lxc{self._draw(1 << 44, 1 << 48):012x}"}}',
            pod=True,
            audited=workload.audit,
            proxied=workload.dns_proxy,
            born=born,
            died=died,
            namespace=workload.namespace,
            labels=labels,
            cookie=self._draw(2000, 60000),
            address_six=_in_six(address) if self.cluster.ipv6_share else "",
        )

    def _place_remote(self, workload: Workload) -> list[Peer]:
        """Pods of another cluster: our agents know their labels and addresses, and see nothing else of them."""
        labels = self._identity_labels(workload, workload.labels)
        identity = self._identities[labels] = 65536 + len(self._identities)
        return [
            remote_pod(
                workload,
                name=f"{workload.name}-{random_word(self._random, 9)}-{random_word(self._random, 5)}",
                address=f"10.245.{1 + identity % 200}.{10 + replica}",
                view=f'{{"identity":{identity},"cluster_name":"{workload.cluster}","namespace":"{workload.namespace}",'
                f'"labels":{compact(list(labels))}',
                nodes=len(self.cluster.nodes),
            )
            for replica in range(workload.replicas)
        ]

    def _address(self, node: int, *, short_lived: bool) -> str:
        """Lasting pods never share an address; those of jobs reuse a small range, as they do in life."""
        if short_lived:
            self._next_run[node] += 1
            return f"10.244.{node}.{181 + self._next_run[node] % 45}"
        host = self._next_host[node]
        if host > LAST_HOST:
            message = f"more than {LAST_HOST} pods on node {node}: describe more nodes"
            raise ValueError(message)
        self._next_host[node] += 1
        return f"10.244.{node}.{host}"

    def _identity_labels(self, workload: Workload, labels: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        namespace = workload.namespace
        found = [f"k8s:{key}={value}" for key, value in labels]
        found += [
            f"k8s:io.cilium.k8s.namespace.labels.{key}={value}"
            for key, value in self._namespace_labels.get(namespace, ())
        ]
        found += [
            f"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name={namespace}",
            f"k8s:io.cilium.k8s.policy.cluster={workload.cluster or self.cluster.name}",
            f"k8s:io.cilium.k8s.policy.serviceaccount={workload.service_account}",
            f"k8s:io.kubernetes.pod.namespace={namespace}",
        ]
        if workload.ports and self.cluster.version >= "1.20":
            ports = "_".join(f"{port.name}.{port.protocol}.{port.number}" for port in workload.ports)
            found.append(f"gen:io.cilium.k8s.named-ports={ports}")
        return tuple(sorted(found))

    def _new_identity(self, labels: tuple[str, ...]) -> int:
        taken = set(self._identities.values())
        number = self._draw(1000, 65535)
        while number in taken:
            number = self._draw(1000, 65535)
        self._identities[labels] = number
        return number

    def alive(self, key: str, time: int) -> Sequence[Peer]:
        """The pods of a workload at a moment."""
        pods = self.pods[key]
        if self.workloads[key].rollout is None:
            return pods
        return [pod for pod in pods if pod.born <= time < pod.died]

    def run(self, key: str, fire: int) -> Peer:
        """The pod of one run of a CronJob."""
        known = self._runs.get((key, fire))
        if known is not None:
            return known
        workload = self.workloads[key]
        self._random = Random(f"run/{self.seed}/{key}/{fire}")
        job = f"{workload.name}-{fire // (60 * SECOND)}"
        labels = dict(workload.labels)
        if workload.job_name_label:
            labels["job-name"] = job
        pod = self._pod(
            workload,
            name=f"{job}-{random_word(self._random, 5)}",
            labels=tuple(sorted(labels.items())),
            node=1 + self._draw(0, len(self.cluster.nodes) - 1),
            born=fire,
            died=fire + 900 * SECOND,
            short_lived=True,
        )
        self._runs[key, fire] = pod
        self.pods[key].append(pod)
        return pod

    def extra_pod(self, workload: Workload, *, born: int, died: int) -> Peer:
        """A bare pod that somebody starts by hand."""
        node = 1 + self._draw(0, len(self.cluster.nodes) - 1)
        return self._pod(workload, name=workload.name, labels=workload.labels, node=node, born=born, died=died)

    def outside(self, address: str, end: str, *, cidr_identity: bool = False) -> Peer:
        """An end outside the cluster, with node-local identities where a policy names its address."""
        found = self._outside.get((address, end))
        if found is not None:
            return found
        views = [WORLD_JSON] * len(self.cluster.nodes)
        if cidr_identity:
            views = [self._cidr_json(node, address) for node in range(len(self.cluster.nodes))]
        peer = Peer(name="", address=address, mac="02:42:ac:12:00:01", node=OUTSIDE, views=tuple(views), end=end)
        self._outside[address, end] = peer
        return peer

    def _cidr_json(self, node: int, address: str) -> str:
        local = sum(1 for known, _ in self._local_identities if known == node)
        # Each agent numbers such identities on its own, in the order in which it met them.
        number = self._local_identities.setdefault((node, address), 16777217 + local + 3 * node)
        return f'{{"identity":{number},"labels":["cidr:{address}/32","reserved:world"]}}'

    def snat(self, node: int, end: str) -> Peer:
        """The world as a node's router address: a load balancer's client after source translation in tunnel mode."""
        return self.outside(self.router_addresses[node], end)


def truth_end(peer: Peer, other: Peer) -> str:
    """How a truth row names `peer` when `other` is at the opposite end: hosts look different from their own node."""
    if peer.end:
        return peer.end
    if peer.node == 0:
        return "entity:kube-apiserver"
    return "entity:host" if peer.node == other.node else "entity:remote-node"
