"""Connections that nobody needs: scans, debug pods, dead calls, denials, misread replies."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.simulator.chatter import Chatter, drop_event, moments
from tests.simulator.cluster import Cluster, Kind, Workload
from tests.simulator.conversations import policy_json
from tests.simulator.records import DAY, HOUR, SECOND
from tests.simulator.wire import Answer, Handling, Ruling, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.simulator.ledger import Ledger
    from tests.simulator.placement import Peer, Placement
    from tests.simulator.records import Lines
    from tests.simulator.unwanted import DeadCall, DebugPod, DeniedCall, Scan


Probe = tuple[int, str, str, int, str]
"""Time, client, server, port, kind."""


class NoiseTraffic:
    """Writes the noise of one slice of time after another."""

    def __init__(self, placement: Placement, lines: Lines, wire: Wire, ledger: Ledger) -> None:
        self._placement = placement
        self._cluster: Cluster = placement.cluster
        self._noise = placement.cluster.noise
        self._lines = lines
        self._wire = wire
        self._ledger = ledger
        self._random = Random(f"noise/{placement.seed}")
        self._policies = {item.name: item for item in self._cluster.policies}
        self._listening = {
            (item.server, item.port) for item in self._cluster.conversations if item.server in placement.workloads
        }
        self._ports: dict[str, list[int]] = {}
        for server, port in sorted(self._listening):
            self._ports.setdefault(server, []).append(port)
        self._needed = {(item.client, item.server, item.port) for item in self._cluster.conversations}
        self._targets = sorted(
            key
            for key, workload in placement.workloads.items()
            if workload.kind is not Kind.CRON_JOB and not workload.host_network and not workload.cluster
        )
        self._chatter = Chatter(placement, lines, wire, ledger, self._random)
        self._debug = [self._debug_pod(item) for item in self._noise.debug_pods]
        self._planned = sorted(self._plan_scans(), key=lambda item: item[0])

    def slice(self, start: int, stop: int) -> None:
        """Write the noise that begins in [start, stop)."""
        self._lines.use(self._random.getrandbits)
        self._wire.random = self._random
        while self._planned and self._planned[0][0] < stop:
            time, client, server, port, kind = self._planned.pop(0)
            self._probe(time, client, server, port, kind)
        for pod, spec in self._debug:
            if start <= pod.born < stop:
                self._debug_session(pod, spec)
        self._calls(start, stop)
        self._misread_replies(start, stop)
        self._chatter.slice(start, stop)

    def _times(self, per_hour: float, start: int, stop: int) -> Iterator[int]:
        return moments(self._random, per_hour, start, stop)

    def _pick(self, items: Sequence[Peer]) -> Peer:
        return items[int(self._random.random() * len(items))]

    # -- scans and debug pods ----------------------------------------------------------------------------------------

    def _plan_scans(self) -> list[Probe]:
        planned: list[Probe] = []
        for scan in self._noise.scans:
            start = self._placement.start + round(scan.day * DAY)
            keys = [key for key in self._targets if key != scan.client]
            self._random.shuffle(keys)
            for index, key in enumerate(keys[: scan.targets]):
                planned += self._plan_target(scan, start, index, key)
        return planned

    def _plan_target(self, scan: Scan, start: int, index: int, key: str) -> Iterator[Probe]:
        ports = tuple(self._ports.get(key, ())[:1]) if scan.open_only else scan.ports
        kind = "answered-scan" if scan.open_only else "scan"
        if scan.slow and ports:
            port = ports[int(self._random.random() * len(ports))]
            yield start + index * HOUR + int(self._random.random() * 1200 * SECOND), scan.client, key, port, kind
            return
        for step, port in enumerate(ports):
            yield start + index * 2 * SECOND + step * 90_000_000, scan.client, key, port, kind

    def _probe(self, time: int, client_key: str, server_key: str, port: int, kind: str) -> None:
        clients, servers = self._placement.alive(client_key, time), self._placement.alive(server_key, time)
        # An attempt at what the workload needs anyway would be no noise.
        if not clients or not servers or (client_key, server_key, port) in self._needed:
            return
        # One pod is compromised, not its whole workload.
        client, server = clients[0], self._pick(servers)
        if (server_key, port) in self._listening:
            answer = Answer.ANSWERED
        else:
            answer = Answer.REFUSED if self._random.random() < 0.3 else Answer.SILENT
        self._connect(time, client, server, port, Handling(answer=answer), kind=kind)

    def _connect(self, time: int, client: Peer, server: Peer, port: int, handling: Handling, *, kind: str) -> None:
        if time >= self._placement.stop - 2 * SECOND:
            return
        before = len(self._lines)
        self._wire.connect(time, (client, server), "TCP", port, handling)
        if len(self._lines) > before:
            self._ledger.saw_noise(time, (client, server), "TCP", port, kind)

    def _debug_pod(self, spec: DebugPod) -> tuple[Peer, DebugPod]:
        born = self._placement.start + round(spec.day * DAY)
        workload = Workload(
            namespace=spec.namespace, name="debug-shell", kind=Kind.POD, labels=(("run", "debug-shell"),)
        )
        self._placement.workloads[workload.key] = workload
        pod = self._placement.extra_pod(workload, born=born, died=born + HOUR)
        self._placement.pods[workload.key] = [pod]
        return pod, spec

    def _debug_session(self, pod: Peer, spec: DebugPod) -> None:
        time = pod.born + 20 * SECOND
        for key, port in spec.calls:
            servers = self._placement.alive(key, time)
            if servers:
                self._connect(time, pod, self._pick(servers), port, Handling(), kind="debug-pod")
            time += int((20 + 60 * self._random.random()) * SECOND)

    # -- calls that fail ---------------------------------------------------------------------------------------------

    def _calls(self, start: int, stop: int) -> None:
        for call in self._noise.dead:
            handling = Handling(answer=Answer.REFUSED if call.refused else Answer.SILENT)
            for time in self._times(call.per_hour, start, stop):
                self._attempt(time, call, handling, kind="dead-service", attempts=3)
        for denied in self._noise.denied:
            policy = policy_json(self._policies[denied.policy], "egress_denied_by")
            ruling = Ruling(verdict="AUDIT", match=1, policies=policy)
            if denied.dropped:
                ruling = Ruling(verdict="DROPPED", match=1, policies=policy, drop="POLICY_DENY", drop_number=181)
            for time in self._times(denied.per_hour, start, stop):
                self._attempt(time, denied, Handling(egress=ruling), kind="explicit-deny", attempts=1)

    def _attempt(self, time: int, call: DeadCall | DeniedCall, handling: Handling, *, kind: str, attempts: int) -> None:
        """One call with its retransmissions: the same tuple again after 1 s, 3 s, …"""
        clients, servers = self._placement.alive(call.client, time), self._placement.alive(call.server, time)
        if not clients or not servers or time >= self._placement.stop - 10 * SECOND:
            return
        ends = self._pick(clients), self._pick(servers)
        sport = self._wire.source_port()
        before = len(self._lines)
        for attempt in range(attempts):
            moment = time + (2**attempt - 1) * SECOND
            self._wire.connect(moment, ends, "TCP", call.port, handling, source_port=sport)
            if handling.egress.drop:
                drop_event(self._wire, moment + 2_000, ends, (sport, call.port), ("POLICY_DENY", 181))
        if len(self._lines) > before:
            self._ledger.saw_noise(time, ends, "TCP", call.port, kind)

    def _misread_replies(self, start: int, stop: int) -> None:
        usable = [
            item
            for item in self._cluster.conversations
            if item.protocol == "TCP"
            and item.client in self._placement.pods
            and item.server in self._placement.pods
            and not item.established
        ]
        for time in self._times(self._noise.misread_replies_per_day / 24, start, stop):
            item = usable[int(self._random.random() * len(usable))]
            clients, servers = self._placement.alive(item.client, time), self._placement.alive(item.server, time)
            if not clients or not servers:
                continue
            client, server = self._pick(clients), self._pick(servers)
            before = len(self._lines)
            port = self._wire.misread_reply(time, (client, server), item.port)
            if len(self._lines) > before:
                self._ledger.saw_noise(time, (server, client), "TCP", port, "misread-reply")
