"""The generating process that the coefficients are fitted on: tenants of one product, Poisson traffic, quick scans.

Every role exists in several namespaces; a template says whom a role calls, each instance follows most of it and has
calls of its own. Rates are log-normal, a share follows the sun or a calendar, some calls are rare or wait for failures.
Releases come to every workload at its own pace, bring calls and end some. After `scoring 2`, with roles added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.calibration.quick_noise import add_quick_noise
from benchmarks.calibration.schedules import runs
from benchmarks.calibration.world import DAY, HOURS, LONGEST, WEEK, SimulatedWorkload, Traffic, Truth, World, drawn
from recommender.model.edge import EntityEnd, FqdnEnd, Protocol, WorkloadEnd
from recommender.model.entity import Entity

KINDS: Final = ("steady", "diurnal", "hourly", "daily", "weekly", "monthly", "rare", "failover")
SHARES: Final = np.array([0.36, 0.20, 0.06, 0.08, 0.05, 0.05, 0.14, 0.06])
PORTS: Final = (8080, 8443, 9090, 5432, 6379, 9092, 50051, 3306, 27017, 7070)
DNS: Final = WorkloadEnd(namespace="kube-system", kind="Deployment", name="coredns")
COLLECTOR: Final = WorkloadEnd(namespace="monitoring", kind="StatefulSet", name="prometheus")
_CLOCK: Final = np.arange(HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A line of a role's template."""

    role: str
    shared: bool
    """Whether the server is the platform's, one for all tenants."""
    kind: str
    rate: float
    phase: int
    port: int


def tenant_world(seed: int) -> World:
    """Draw a cluster; equal seeds give equal clusters."""
    random = np.random.default_rng([211, seed])
    world = World(
        name=f"tenants-{seed}", seed=seed, first_day=seed % 7, lost=0.03, replies_recorded=random.random() < 0.7
    )
    world.outages[random.integers(0, WEEK, 5) + WEEK * np.arange(5)] = True
    _populate(world, random)
    templates = _templates(random)
    for workload in list(world.workloads):
        _connect(world, workload, templates, random)
    _platform(world, random)
    add_quick_noise(world, random)
    return world


def _populate(world: World, random: np.random.Generator) -> None:
    roles = int(random.integers(18, 30))
    tenants = [f"tenant-{index}" for index in range(int(random.integers(2, 6)))]
    for role in range(roles):
        many = int(min(len(tenants), 1 + random.geometric(0.4)))
        schedule = _schedule(random) if random.random() < 0.1 else ""
        for namespace in sorted(random.choice(tenants, many, replace=False)):
            world.workloads.append(_workload(f"role-{role}", str(namespace), random, schedule))
    for role in range(6):
        world.workloads.append(_workload(f"shared-{role}", "platform", random))


def _schedule(random: np.random.Generator) -> str:
    """A job every few hours, every night, on one day of the week or of the month."""
    hour = int(random.integers(24))
    return (f"0 */{1 + hour % 6} * * *", f"30 {hour} * * *", f"15 {hour} * * {hour % 7}", f"0 {hour} {1 + hour} * *")[
        random.choice(4, p=(0.2, 0.35, 0.25, 0.2))
    ]


def _workload(role: str, namespace: str, random: np.random.Generator, schedule: str = "") -> SimulatedWorkload:
    pace = float(np.exp(random.normal(np.log(1 / 12), 1.2))) / DAY
    kind = "CronJob" if schedule else "StatefulSet" if random.random() < 0.2 else "Deployment"
    return SimulatedWorkload(
        end=WorkloadEnd(namespace=namespace, kind=kind, name=role),
        role=role,
        replicas=1 if schedule else int(random.integers(1, 7)),
        ports=() if schedule else (PORTS[hash_of(role) % len(PORTS)],),
        rollouts=() if schedule else tuple(np.flatnonzero(drawn(random, pace)).tolist()),
        schedule=schedule,
    )


def hash_of(text: str) -> int:
    """A small number that depends on the text alone (Python's own `hash` differs from run to run)."""
    return sum((place + 1) * ord(letter) for place, letter in enumerate(text))


def _templates(random: np.random.Generator) -> dict[str, list[Call]]:
    found = {}
    for role in [f"role-{index}" for index in range(30)] + [f"shared-{index}" for index in range(6)]:
        mix = random.dirichlet(2.5 * SHARES)
        found[role] = [_call(random, mix) for _ in range(4 + int(random.poisson(8)))]
    return found


def _call(random: np.random.Generator, mix: np.ndarray) -> Call:
    shared = random.random() < 0.3
    role = f"shared-{random.integers(6)}" if shared else f"role-{random.integers(30)}"
    kind = KINDS[random.choice(len(KINDS), p=mix)]
    return Call(
        role=role,
        shared=shared,
        kind=kind,
        rate=_rate(kind, random),
        phase=int(random.integers(WEEK * 4)),
        port=PORTS[hash_of(role) % len(PORTS)] if random.random() < 0.85 else int(random.integers(7000, 9999)),
    )


def _rate(kind: str, random: np.random.Generator) -> float:
    """Events an hour."""
    match kind:
        case "rare":
            return float(1 / np.exp(random.uniform(np.log(1.5), np.log(60))) / DAY)
        case "failover":
            return float(1 / np.exp(random.uniform(np.log(15), np.log(90))) / DAY)
        case _:
            return float(np.exp(random.normal(1.0, 2.6)))


def activity(kind: str, rate: float, phase: int, random: np.random.Generator, first_day: int) -> np.ndarray:
    """Hours in which a call of this kind happens."""
    match kind:
        case "diurnal":
            sun = np.maximum(0, np.sin(2 * np.pi * (_CLOCK - 8 - phase % 3) / DAY))
            weekday = (_CLOCK // DAY + first_day) % 7 < 5
            return drawn(random, rate * sun * np.where(weekday, 1, 0.3))
        case "hourly" | "daily" | "weekly" | "monthly":
            every = {"hourly": 1, "daily": DAY, "weekly": WEEK, "monthly": 30 * DAY}[kind]
            return (_CLOCK % every == phase % every) & (random.random(HOURS) < 0.97)
        case _:
            return drawn(random, rate)


def _connect(
    world: World, workload: SimulatedWorkload, templates: dict[str, list[Call]], random: np.random.Generator
) -> None:
    by_place = {(one.end.namespace, one.role): one for one in world.workloads}
    own = [_call(random, SHARES) for _ in range(int(random.poisson(2)))]
    for call in [call for call in templates[workload.role] if random.random() < 0.85] + own:
        server = by_place.get(("platform" if call.shared else workload.end.namespace, call.role))
        if server is None or server is workload:
            continue
        if not server.ports:
            continue
        hours = activity(call.kind, call.rate * np.exp(random.normal(0, 0.5)), call.phase, random, world.first_day)
        if workload.schedule:
            hours = runs(workload.schedule, world) & (random.random(HOURS) < 0.97)
        _add_need(world, workload, server.end, call.port, hours, random, kind=call.kind)
    if random.random() < 0.25 and not workload.schedule:
        name = FqdnEnd(name=f"api-{random.integers(12)}.example.com")
        kind = KINDS[random.choice(len(KINDS), p=SHARES)]
        hours = activity(kind, _rate(kind, random), int(random.integers(WEEK)), random, world.first_day)
        _add_need(world, workload, name, 443, hours, random, kind=kind)
    _release(world, workload, by_place, random)


def _add_need(
    world: World,
    workload: SimulatedWorkload,
    server: WorkloadEnd | FqdnEnd,
    port: int,
    hours: np.ndarray,
    random: np.random.Generator,
    *,
    kind: str,
) -> None:
    leader = random.random() < 0.05
    traffic = Traffic(
        truth=Truth.NEED,
        hours=hours,
        per_hour=float(random.gamma(1.0, 4.0)),
        one_pod=leader,
        kind=kind,
        answered=float(random.beta(60, 1)),
    )
    world.add(workload.end, server, port, traffic)


def _release(
    world: World,
    workload: SimulatedWorkload,
    by_place: dict[tuple[str, str], SimulatedWorkload],
    random: np.random.Generator,
) -> None:
    """Releases bring calls, which reach the role's other tenants days later, and end others."""
    # Who releases often changes less each time.
    eager = 0.45 / (1 + len(workload.rollouts)) ** 0.4
    for hour in workload.rollouts:
        if random.random() < eager:
            call = _call(random, SHARES)
            born = hour
            for namespace in dict.fromkeys(
                [workload.end.namespace, *(space for space, role in by_place if role == workload.role)]
            ):
                client = by_place[namespace, workload.role]
                server = by_place.get(("platform" if call.shared else namespace, call.role))
                if (
                    server is not None
                    and server.ports
                    and (namespace == workload.end.namespace or random.random() < 0.7)
                ):
                    hours = activity(call.kind, call.rate, call.phase, random, world.first_day) & (born <= _CLOCK)
                    _add_need(world, client, server.end, call.port, hours, random, kind=f"born {call.kind}")
                born += int(random.exponential(3 * DAY))
        if random.random() < eager / 2:
            own = [one for (client, *_), one in world.genuine() if client == workload.end and one.truth is Truth.NEED]
            if own and hour < LONGEST:
                gone = own[random.integers(len(own))]
                gone.hours = gone.hours & (hour > _CLOCK)
                gone.truth = Truth.RETIRED


def _platform(world: World, random: np.random.Generator) -> None:
    for end, role in ((DNS, "coredns"), (COLLECTOR, "prometheus")):
        world.workloads.append(
            SimulatedWorkload(end=end, role=role, replicas=2, ports=(53,) if end == DNS else (9090,))
        )
    always = {"steady": 8.0, "often": 3.0}
    for workload in world.workloads:
        if workload.end == DNS:
            continue
        asking = runs(workload.schedule, world) if workload.schedule else drawn(random, always["steady"])
        asks = Traffic(truth=Truth.NEED, hours=asking, per_hour=8.0, kind="dns")
        world.add(workload.end, DNS, 53, asks, Protocol.UDP)
        if random.random() < 0.5 and not workload.schedule:
            scraped = Traffic(
                truth=Truth.NEED, hours=drawn(random, always["often"]), per_hour=4.0, one_pod=True, kind="scrape"
            )
            world.add(COLLECTOR, workload.end, 9464, scraped)
        if random.random() < 0.15 and not workload.schedule:
            watch = Traffic(truth=Truth.NEED, hours=drawn(random, random.gamma(0.7, 1.0)), kind="api server")
            world.add(workload.end, EntityEnd(entity=Entity.KUBE_APISERVER), 6443, watch)
