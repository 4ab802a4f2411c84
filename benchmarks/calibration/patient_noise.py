"""Noise of the testing process, none of which the coefficients were fitted on.

A scan that takes days and finds open ports, an intruder who only uses what others use, somebody who debugs from inside
an application's pod for an evening, clients of a service that is gone but sometimes still answers, a beacon.
"""

from __future__ import annotations

import numpy as np

from benchmarks.calibration.world import DAY, HOURS, SimulatedWorkload, Traffic, Truth, World, drawn, only
from recommender.model.edge import AddressEnd


def add_patient_noise(world: World, random: np.random.Generator) -> None:
    """Two slow scans in five weeks, one quick one in some clusters, and the rest in every cluster."""
    parts = [one for one in world.workloads if one.ports and one.end.namespace not in {"kube-system", "observability"}]
    for _ in range(1 + int(random.poisson(1.2))):
        _slow_scan(world, parts, random)
    if random.random() < 0.5:
        _sweep(world, parts, random)
    for _ in range(int(random.poisson(1.0))):
        _lateral(world, parts, random)
    for _ in range(int(random.poisson(4))):
        _evening(world, parts, random)
    for _ in range(int(random.poisson(5))):
        _gone_service(world, parts, random)
    if random.random() < 0.3:
        beacon = Traffic(
            truth=Truth.BEACON,
            hours=drawn(random, 0.5) & (np.arange(HOURS) >= int(random.integers(HOURS))),
            per_hour=1.0,
            answered=0.97,
            one_pod=True,
        )
        world.add(_pick(parts, random).end, AddressEnd(address="203.0.113.66"), 443, beacon)


def _pick(parts: list[SimulatedWorkload], random: np.random.Generator) -> SimulatedWorkload:
    return parts[random.integers(len(parts))]


def _slow_scan(world: World, parts: list[SimulatedWorkload], random: np.random.Generator) -> None:
    """One target an hour or so for days; two of five ports are open."""
    client, hour = _pick(parts, random).end, int(random.integers(HOURS))
    for _ in range(int(random.integers(24, 160))):
        hour += int(random.geometric(0.7))
        server = _pick(parts, random)
        is_open = random.random() < 0.4
        port = server.ports[0] if is_open else int(random.choice((21, 22, 25, 389, 445, 1433, 8443, 27017, 3389, 161)))
        probe = Traffic(
            truth=Truth.SLOW_SCAN,
            hours=only(hour),
            per_hour=1.0,
            one_pod=True,
            answered=0.99 if is_open else 0.0,
            refuses=random.random() < 0.5,
        )
        world.add(client, server.end, port, probe)


def _sweep(world: World, parts: list[SimulatedWorkload], random: np.random.Generator) -> None:
    """One port on everything, within three hours."""
    client, port, hour = (
        _pick(parts, random).end,
        int(random.choice((22, 8080, 6379, 10250))),
        int(random.integers(HOURS)),
    )
    for server in parts:
        if random.random() < 0.8:
            probe = Traffic(
                truth=Truth.SCAN,
                hours=only(hour + int(random.integers(3))),
                per_hour=0.5,
                one_pod=True,
                answered=0.98 if port in server.ports else 0.0,
                refuses=True,
            )
            world.add(client, server.end, port, probe)


def _lateral(world: World, parts: list[SimulatedWorkload], random: np.random.Generator) -> None:
    """A handful of servers on their own ports, all answered, over two nights."""
    client, hour = _pick(parts, random).end, int(random.integers(HOURS))
    for _ in range(int(random.integers(3, 8))):
        server = _pick(parts, random)
        hours = only(*(hour + int(random.integers(2 * DAY)) for _ in range(int(random.integers(1, 4)))))
        world.add(client, server.end, server.ports[0], Traffic(truth=Truth.LATERAL, hours=hours, one_pod=True))


def _evening(world: World, parts: list[SimulatedWorkload], random: np.random.Generator) -> None:
    """`kubectl exec` into an application's pod: a few calls by hand, most answered."""
    client, hour = _pick(parts, random).end, int(random.integers(HOURS))
    for _ in range(1 + int(random.geometric(0.5))):
        server = _pick(parts, random)
        tried = Traffic(
            truth=Truth.DEBUG,
            hours=only(hour, hour + int(random.integers(3))),
            per_hour=1.0,
            one_pod=True,
            answered=0.98 if random.random() < 0.75 else 0.0,
        )
        world.add(client, server.end, server.ports[0], tried)


def _gone_service(world: World, parts: list[SimulatedWorkload], random: np.random.Generator) -> None:
    """A service that is shutting down: few of the calls to it are still answered, on a port nobody else uses."""
    hours = drawn(random, float(random.gamma(0.8, 2.0))) & (np.arange(HOURS) >= int(random.integers(HOURS)))
    dying = Traffic(
        truth=Truth.DEAD, hours=hours, answered=float(random.choice((0.0, 0.0, 0.05))), refuses=random.random() < 0.4
    )
    world.add(_pick(parts, random).end, _pick(parts, random).end, int(random.integers(18000, 19000)), dying)
