"""Noise of the fitting process: scans within an hour, throw-away pods, somebody's test in one pod, retry loops."""

from __future__ import annotations

import numpy as np

from benchmarks.calibration.world import DAY, HOURS, Traffic, Truth, World, drawn, only
from recommender.model.edge import WorkloadEnd

COMMON_PORTS = (22, 80, 443, 3306, 5432, 6379, 8080, 9200)


def add_quick_noise(world: World, random: np.random.Generator) -> None:
    """About one quick scan a week, a debugging session most days, a test a week, a dozen retry loops."""
    servers = [one for one in world.workloads if one.ports]
    for _ in range(int(random.poisson(5))):
        _scan(world, servers, random)
    for number in range(int(random.poisson(0.7 * HOURS / DAY))):
        _session(world, servers, random, number)
    for _ in range(int(random.poisson(5))):
        _trial(world, servers, random)
    for _ in range(12):
        _retry_loop(world, servers, random)


def _scan(world: World, servers: list, random: np.random.Generator) -> None:
    client = servers[random.integers(len(servers))].end
    hour = int(random.integers(HOURS))
    for _ in range(int(random.integers(15, 121))):
        server = servers[random.integers(len(servers))]
        port = int(random.choice(server.ports)) if random.random() < 0.15 else int(random.choice(COMMON_PORTS))
        is_open = port in server.ports
        traffic = Traffic(
            truth=Truth.SCAN,
            hours=only(hour + int(random.random() < 0.2)),
            per_hour=0.2,
            one_pod=True,
            answered=0.99 if is_open else 0.0,
            refuses=random.random() < 0.6,
        )
        world.add(client, server.end, port, traffic)


def _session(world: World, servers: list, random: np.random.Generator, number: int) -> None:
    """A person in a pod of their own, or in an application's."""
    if random.random() < 0.6:
        client = WorkloadEnd(namespace=servers[0].end.namespace, kind="Pod", name=f"debug-{number}")
    else:
        client = servers[random.integers(len(servers))].end
    hour = int(random.integers(HOURS))
    for _ in range(1 + int(random.poisson(1))):
        server = servers[random.integers(len(servers))]
        is_open = random.random() < 0.8
        port = server.ports[0] if is_open else int(random.choice(COMMON_PORTS))
        traffic = Traffic(
            truth=Truth.DEBUG,
            hours=only(hour),
            per_hour=1.0,
            one_pod=True,
            answered=0.98 if is_open else 0.0,
        )
        world.add(client, server.end, port, traffic)


def _trial(world: World, servers: list, random: np.random.Generator) -> None:
    """Something that a person started in one of an application's pods and left running, for hours or a few days."""
    client, server = (servers[random.integers(len(servers))] for _ in range(2))
    begins, lasts = int(random.integers(HOURS)), int(random.geometric(1 / 18))
    clock = np.arange(HOURS)
    hours = drawn(random, float(random.gamma(1.0, 1.0))) & (clock >= begins) & (clock < begins + lasts)
    world.add(client.end, server.end, server.ports[0], Traffic(truth=Truth.DEBUG, hours=hours, one_pod=True))


def _retry_loop(world: World, servers: list, random: np.random.Generator) -> None:
    client, server = (servers[random.integers(len(servers))].end for _ in range(2))
    hours = drawn(random, float(np.exp(random.normal(0, 1.5)))) & (np.arange(HOURS) >= random.integers(HOURS))
    traffic = Traffic(truth=Truth.DEAD, hours=hours, per_hour=3.0, answered=0.0, refuses=random.random() < 0.5)
    world.add(client, server, int(random.choice((9999, 8081, 11211, 4444))), traffic)
