"""What an intruder does with a pod that he took over, besides scanning: late contacts, beacons, tunnels."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING

from tests.simulator.conversations import DNS
from tests.simulator.records import DAY, SECOND
from tests.simulator.service_events import Question, ask_through_proxy
from tests.simulator.wire import AUDITED, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulator.ledger import Ledger
    from tests.simulator.peer import Peer
    from tests.simulator.placement import Placement
    from tests.simulator.records import Lines
    from tests.simulator.unwanted import Beacon, Intrusion, Tunnel
    from tests.simulator.wire import Wire

    Act = tuple[int, Callable[[int], None]]

MINUTE = 60 * SECOND


class IntrusionTraffic:
    """Writes the intruder's connections of one slice of time after another."""

    def __init__(self, placement: Placement, lines: Lines, wire: Wire, ledger: Ledger) -> None:
        self._placement = placement
        self._lines = lines
        self._wire = wire
        self._ledger = ledger
        self._random = Random(f"intrusion/{placement.seed}")
        noise = placement.cluster.noise
        acts = [act for item in noise.intrusions for act in self._contacts(item)]
        acts += [act for item in noise.beacons for act in self._reports(item)]
        acts += [act for item in noise.tunnels for act in self._lookups(item)]
        self._acts = sorted(acts, key=lambda act: act[0])

    def slice(self, start: int, stop: int) -> None:
        """Write what begins in [start, stop)."""
        self._lines.use(self._random.getrandbits)
        self._wire.random = self._random
        while self._acts and self._acts[0][0] < stop:
            time, act = self._acts.pop(0)
            if start <= time < self._placement.stop - 10 * SECOND:
                act(time)

    def _contacts(self, item: Intrusion) -> Iterator[Act]:
        for step in range(item.times):
            moment = self._placement.start + round(item.day * DAY) + step * 20 * SECOND
            yield moment, partial(self._reach, item)

    def _reach(self, item: Intrusion, time: int) -> None:
        clients, servers = self._placement.alive(item.client, time), self._placement.alive(item.server, time)
        if clients and servers:
            self._connect(time, (clients[0], servers[0]), item.port, "intrusion")

    def _reports(self, item: Beacon) -> Iterator[Act]:
        moment = self._placement.start + round(item.day * DAY)
        while moment < self._placement.stop:
            yield moment, partial(self._report, item)
            moment += item.every_minutes * MINUTE + int((self._random.random() - 0.5) * MINUTE)

    def _report(self, item: Beacon, time: int) -> None:
        clients = self._placement.alive(item.client, time)
        if clients:
            outside = self._placement.outside(item.address, f"ip:{item.address}")
            self._connect(time, (clients[0], outside), item.port, "beacon")

    def _connect(self, time: int, ends: tuple[Peer, Peer], port: int, kind: str) -> None:
        before = len(self._lines)
        self._wire.connect(time, ends, "TCP", port, PLAIN)
        if len(self._lines) > before:
            self._ledger.saw_noise(time, ends, "TCP", port, kind)

    def _lookups(self, item: Tunnel) -> Iterator[Act]:
        moment = self._placement.start + round(item.day * DAY)
        while moment < self._placement.stop:
            yield moment, partial(self._look_up, item)
            moment += int(self._random.expovariate(item.per_hour) * 60 * MINUTE)

    def _look_up(self, item: Tunnel, time: int) -> None:
        clients, resolvers = self._placement.alive(item.client, time), self._placement.alive(DNS, time)
        if not clients or not resolvers:
            return
        data = f"{self._random.getrandbits(160):040x}.{self._random.getrandbits(120):030x}"
        before = len(self._lines)
        question = Question(name=f"{data}.{item.domain}.")
        ask_through_proxy(self._wire, time, (clients[0], resolvers[0]), (question,), AUDITED)
        if len(self._lines) > before:
            self._ledger.saw_tunnel(clients[0], item.domain)
