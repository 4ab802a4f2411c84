"""Needed traffic: turns conversations into connections, slice by slice."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, TypeVar

from tests.simulator.calendar import fires
from tests.simulator.cluster import (
    Conversation,
    Kind,
    Schedule,
    TrafficClass,
)
from tests.simulator.conversations import (
    DNS,
    DNS_POLICY,
    address_at,
    day_shape,
    every_conversation,
    policy_json,
    service_addresses,
)
from tests.simulator.http_events import converse_http
from tests.simulator.plan import HttpProxy, Plan, fixed_end
from tests.simulator.records import DAY, HOUR, SECOND
from tests.simulator.service_events import Question, ask_through_proxy, translate_socket
from tests.simulator.wire import AUDITED, Answer, Handling, Ruling, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.simulator.ledger import Ledger
    from tests.simulator.placement import Peer, Placement
    from tests.simulator.records import Lines

T = TypeVar("T")


class Traffic:
    """Writes the needed connections of one slice of time after another."""

    def __init__(self, placement: Placement, lines: Lines, wire: Wire, ledger: Ledger, *, rate: float) -> None:
        self._placement = placement
        self._cluster = placement.cluster
        self._lines = lines
        self._rate = rate
        self._wire = wire
        self._ledger = ledger
        self._externals = {item.name: item for item in self._cluster.externals}
        self._policies = {item.name: item for item in self._cluster.policies}
        self.service_addresses = service_addresses(self._cluster)
        self._services = {
            (service.target, service.target_port, service.protocol): service for service in self._cluster.services
        }
        policy = self._policies.get(DNS_POLICY)
        self._dns_ruling = Ruling(
            verdict="REDIRECTED", match=2, policies=policy_json(policy, "egress_allowed_by") if policy else ""
        )
        self.plans = tuple(
            self._plan(conversation, index) for index, conversation in enumerate(every_conversation(self._cluster))
        )
        for plan in self.plans:
            self._declare(plan)

    def slice(self, start: int, stop: int) -> None:
        """Write all connections that begin in [start, stop)."""
        for plan in self.plans:
            self._lines.use(plan.random.getrandbits)
            self._wire.random = plan.random
            for time, client in self._arrivals(plan, start, stop):
                self._arrive(plan, time, client)

    # -- preparation -------------------------------------------------------------------------------------------------

    def _plan(self, conversation: Conversation, index: int) -> Plan:
        service = self._services.get((conversation.server, conversation.port, conversation.protocol))
        if service is not None and service.headless:
            service = None
        external = self._externals.get(conversation.server.removeprefix("fqdn:"))
        client = self._placement.workloads.get(conversation.client)
        handling = Handling(
            egress=self._ruling(conversation.egress_policy, "egress"),
            ingress=self._ruling(conversation.ingress_policy, "ingress"),
            answer=Answer.SILENT if conversation.one_way else Answer.ANSWERED,
            service=service,
            service_address=self.service_addresses.get(service, "") if service else "",
            names=(external.name,) if external and client and client.dns_proxy else (),
        )
        if conversation.traffic is TrafficClass.PROBE:
            handling = Handling(ingress=Ruling(verdict="FORWARDED", match=1))
        return Plan(
            conversation=conversation,
            client=client,
            server=self._placement.workloads.get(conversation.server),
            external=external,
            handling=handling,
            random=Random(f"traffic/{self._placement.seed}/{index}/{conversation.client}/{conversation.server}"),
            names=self._queries(conversation.client),
            source_ports={} if conversation.established else None,
            proxy=self._proxy(conversation, handling) if conversation.http else None,
        )

    def _proxy(self, conversation: Conversation, handling: Handling) -> HttpProxy:
        policies = policy_json(self._policies[conversation.visibility], "ingress_allowed_by")
        ingress = Ruling(verdict="REDIRECTED", match=2, policies=policies)
        return HttpProxy(egress=handling.egress, ingress=ingress, addresses=self._placement.router_addresses)

    def _ruling(self, policy: str, side: str) -> Ruling:
        if not policy:
            return AUDITED
        return Ruling(verdict="FORWARDED", match=2, policies=policy_json(self._policies[policy], f"{side}_allowed_by"))

    def _queries(self, client: str) -> tuple[str, ...]:
        """Cluster names that a client looks up, without the final dot."""
        found = []
        for item in self._cluster.conversations:
            service = self._services.get((item.server, item.port, item.protocol))
            if item.client == client and service is not None:
                found.append(f"{service.name}.{service.namespace}.svc.cluster.local")
        return tuple(found) or ("kubernetes.default.svc.cluster.local",)

    def _declare(self, plan: Plan) -> None:
        item = plan.conversation
        if item.client == "node" or item.server == "node":
            return
        client = fixed_end(item.client, plan.client)
        servers: tuple[str, ...] = (fixed_end(item.server, plan.server),)
        if plan.external is not None and not plan.handling.names:
            servers = tuple(f"ip:{address}" for address in plan.external.addresses)
        for server in servers:
            for port in range(item.port, item.port + item.ports):
                self._ledger.declare(client, server, item.protocol, port, self._class_of(plan))

    def _class_of(self, plan: Plan) -> TrafficClass:
        if plan.external is not None and not plan.handling.names:
            return TrafficClass.EXTERNAL_ADDRESS
        return plan.conversation.traffic

    # -- arrivals ----------------------------------------------------------------------------------------------------

    def _arrivals(self, plan: Plan, start: int, stop: int) -> Iterator[tuple[int, Peer | None]]:
        """Moments of arrival, with the client pod where the moment decides it."""
        item, random = plan.conversation, plan.random
        if plan.client is not None and plan.client.kind is Kind.CRON_JOB:
            if plan.client.cron is None:
                return
            for fire in fires(plan.client.cron, start, stop):
                yield fire + round((2 + 20 * random.random()) * SECOND), self._placement.run(plan.client.key, fire)
            return
        if item.cron is not None:
            for fire in fires(item.cron, start, stop):
                yield fire + round(30 * random.random() * SECOND), None
            return
        rate = self._rate * item.per_hour * (day_shape(start) if item.schedule is Schedule.DIURNAL else 1.0) / HOUR
        if rate <= 0:
            return
        time = start + random.expovariate(rate)
        while time < stop:
            yield int(time), None
            time += random.expovariate(rate)

    def _arrive(self, plan: Plan, time: int, client: Peer | None) -> None:
        random, item = plan.random, plan.conversation
        if time < self._placement.start + item.starts * DAY:
            return
        count = 1
        while item.burst > 1 and random.random() < 1 - 1 / item.burst:
            count += 1
        pair = self._pair(plan, time, client)
        if pair is None:
            return
        for _ in range(count):
            if time >= self._placement.stop - 2 * SECOND:
                return
            before = len(self._lines)
            port = item.port + int(random.random() * item.ports) if item.ports > 1 else item.port
            self._connect(plan, time, pair, port)
            if len(self._lines) > before:
                self._ledger.saw(time, pair, item.protocol, port, self._class_of(plan))
            time += int(random.expovariate(2.0) * SECOND)

    def _pair(self, plan: Plan, time: int, client: Peer | None) -> tuple[Peer, Peer] | None:
        item, random = plan.conversation, plan.random
        server = self._server(plan, time)
        if client is None:
            client = self._client(plan, time, server)
        if client is None or server is None:
            return None
        if item.client == item.server or item.node_local:
            others = [pod for pod in self._placement.alive(item.server, time) if pod is not client]
            if item.node_local:
                others = [pod for pod in others if pod.node == client.node]
            if not others:
                return None
            server = _choose(others, random)
        return client, server

    def _client(self, plan: Plan, time: int, server: Peer | None) -> Peer | None:
        item, random = plan.conversation, plan.random
        if plan.client is not None:
            pods = self._placement.alive(item.client, time)
            return _choose(pods, random) if pods else None
        match item.client:
            case "kubelet":
                return None if server is None else self._placement.hosts[server.node]
            case "apiserver":
                return self._placement.hosts[0]
            case "node":
                return _choose(self._placement.hosts, random)
            case "world":
                return None if server is None else self._world(plan, server)
            case outside:
                return self._placement.outside(outside.removeprefix("ip:"), outside)

    def _world(self, plan: Plan, server: Peer) -> Peer:
        """A client outside: its own address, or a node's after the load balancer's translation (hubble-quirks 48)."""
        random, service = plan.random, plan.handling.service
        node = int(random.random() * len(self._placement.hosts))
        kept = service is None or service.local_traffic_policy or node == server.node
        if not kept:
            return self._placement.snat(node, "entity:world")
        block = ("192.0.2.", "198.51.100.", "203.0.113.")[int(random.random() * 3)]
        return self._placement.outside(f"{block}{1 + int(random.random() * 99)}", "entity:world")

    def _server(self, plan: Plan, time: int) -> Peer | None:
        item, random = plan.conversation, plan.random
        if plan.server is not None and not plan.server.host_network:
            pods = self._placement.alive(item.server, time)
            return _choose(pods, random) if pods else None
        if plan.external is not None:
            address = address_at(plan.external, time)
            end = f"fqdn:{plan.external.name}" if plan.handling.names else f"ip:{address}"
            return self._placement.outside(address, end, cidr_identity=bool(item.egress_policy))
        match item.server:
            case "apiserver":
                return self._placement.hosts[0]
            case "node":
                return _choose(self._placement.hosts, random)
            case outside:
                return self._placement.outside(outside.removeprefix("ip:"), outside)

    # -- connections -------------------------------------------------------------------------------------------------

    def _connect(self, plan: Plan, time: int, ends: tuple[Peer, Peer], port: int) -> None:
        item, wire, handling = plan.conversation, self._wire, plan.handling
        client, server = ends
        if plan.source_ports is not None and not (client.born or server.born):
            sport = plan.source_ports.setdefault((client.name, server.name), wire.source_port())
            wire.established(time, ends, sport, port)
        elif item.protocol == "ICMPv4":
            wire.ping(time, ends, handling)
        elif item.traffic is TrafficClass.DNS and item.protocol == "UDP" and client.proxied:
            self._ask_cluster_name(plan, time, ends)
        else:
            if plan.external is not None and client.proxied:
                self._ask_external_name(plan, time, client)
            if handling.service is not None and client.pod and plan.random.random() < self._cluster.socket_share:
                translate_socket(wire, time - 60_000, ends, item.protocol, handling)
            if plan.proxy is not None and plan.random.random() < item.visible_share:
                converse_http(wire, time, ends, plan, self._ledger)
            else:
                wire.connect(time, ends, item.protocol, port, handling)

    def _ask_external_name(self, plan: Plan, time: int, client: Peer) -> None:
        """The DNS answer that explains the address of the next connection; cached answers ask nothing."""
        external = plan.external
        if external is None or plan.random.random() < 0.4:
            return
        resolver = _choose(self._placement.alive(DNS, time), plan.random)
        # A moving name answers with its current address first and the next one after it.
        address, listed = address_at(external, time), external.addresses
        second = listed[(listed.index(address) + 1) % len(listed)]
        answer = (address,) if second == address else (address, second)
        question = Question(name=f"{external.name}.", addresses=answer, ttl=external.ttl)
        before = len(self._lines)
        ask_through_proxy(self._wire, time - 6_000_000, (client, resolver), (question,), self._dns_ruling)
        if len(self._lines) > before:
            self._ledger.saw(time, (client, resolver), "UDP", 53, TrafficClass.DNS)

    def _ask_cluster_name(self, plan: Plan, time: int, ends: tuple[Peer, Peer]) -> None:
        """A lookup with the search path: names that do not exist first (hubble-quirks 40)."""
        name = _choose(plan.names, plan.random)
        short = ".".join(name.split(".")[:2])
        missing = f"{short}.{ends[0].namespace}.svc.cluster.local."
        questions = (Question(name=missing), Question(name=f"{name}.", addresses=(self._address_of(name),)))
        ask_through_proxy(self._wire, time, ends, questions, self._dns_ruling)

    def _address_of(self, name: str) -> str:
        service, namespace = name.split(".")[:2]
        for item, address in self.service_addresses.items():
            if item.name == service and item.namespace == namespace:
                return address
        return "10.96.0.1"


def _choose(items: Sequence[T], random: Random) -> T:
    return items[int(random.random() * len(items))]
