"""The generating process that the scores are tested on: release trains, sessions, incidents; nothing of it was fitted.

Products live in namespaces, some of them copied for regions. Traffic comes in sessions with heavy-tailed pauses and in
office hours; rates are Pareto. Jobs are CronJobs with schedules, timers run on odd periods. Failures strike a whole
namespace at once. A product's workloads are released together, by a train that leaves every few days or weeks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from benchmarks.calibration.patient_noise import add_patient_noise
from benchmarks.calibration.schedules import runs
from benchmarks.calibration.world import (
    DAY,
    HOURS,
    LONGEST,
    SimulatedWorkload,
    Traffic,
    Truth,
    World,
    drawn,
    only,
)
from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd, Protocol, WorkloadEnd
from recommender.model.entity import Entity

DNS: Final = WorkloadEnd(namespace="kube-system", kind="Deployment", name="coredns")
AGENT: Final = WorkloadEnd(namespace="observability", kind="DaemonSet", name="agent")
PORTS: Final = (80, 8000, 9000, 5432, 6379, 5672, 443, 8081)
_CLOCK: Final = np.arange(HOURS)


@dataclass(slots=True, kw_only=True)
class Product:
    """A namespace and its rhythm."""

    name: str
    copies: list[str]
    """Namespaces that run it."""
    trains: list[int]
    """Hours of releases in the first copy; the others follow a day or two later, in order."""
    incidents: list[int]
    first_day: int
    """Weekday on which the trace begins; 0 is Monday."""
    restless: float = 1.0
    """How much of its traffic is seldom."""
    roles: list[str] = field(default_factory=list)
    churn: dict[str, float] = field(default_factory=dict)
    """How often a release of a role brings a new call."""


def train_world(seed: int) -> World:
    """Draw a cluster; equal seeds give equal clusters."""
    random = np.random.default_rng([1009, seed])
    world = World(
        name=f"trains-{seed}",
        seed=seed,
        first_day=seed % 7,
        lost=float(random.beta(1, 30)),
        replies_recorded=random.random() < 0.6,
    )
    gap = int(random.integers(LONGEST))
    world.outages[gap : gap + int(random.integers(1, 5))] = random.random() < 0.5
    restless = float(np.exp(random.normal(0.3, 0.5)))
    products = [_product(index, world.first_day, restless, random) for index in range(int(random.integers(5, 16)))]
    for product in products:
        _populate(world, product, random)
    shared = [_shared(world, index, random) for index in range(int(random.integers(4, 12)))]
    for product in products:
        _wire(world, product, shared, random)
    _base(world, random)
    add_patient_noise(world, random)
    return world


def _product(index: int, first_day: int, restless: float, random: np.random.Generator) -> Product:
    every = float(np.exp(random.uniform(np.log(1.5), np.log(45)))) * DAY
    start = random.uniform(0, every)
    hours = [int(start + turn * every + random.normal(0, 6)) for turn in range(int(HOURS // every) + 1)]
    copies = 1 + int(random.geometric(0.5)) % 4
    return Product(
        name=f"product-{index}",
        copies=[f"product-{index}{suffix}" for suffix in ("", "-eu", "-us", "-ap")[:copies]],
        trains=[hour for hour in hours if 0 <= hour < HOURS],
        first_day=first_day,
        restless=restless * float(random.gamma(2.0, 0.5)),
        incidents=np.flatnonzero(drawn(random, 1 / (20 * DAY))).tolist(),
    )


def _populate(world: World, product: Product, random: np.random.Generator) -> None:
    for place in range(3 + int(random.pareto(1.6) * 3) % 14):
        role = f"{product.name}-part-{place}"
        product.roles.append(role)
        product.churn[role] = float(random.beta(0.5, 2.0))
        job = random.random() < 0.15
        boards = random.random() < 0.6
        schedule = _schedule(random) if job else ""
        for number, namespace in enumerate(product.copies):
            world.workloads.append(
                SimulatedWorkload(
                    end=WorkloadEnd(namespace=namespace, kind="CronJob" if job else "Deployment", name=role),
                    role=role,
                    replicas=1 if job else 1 + int(random.geometric(0.4)) % 6,
                    ports=() if job else (PORTS[random.integers(len(PORTS))],),
                    rollouts=tuple(hour + number * 36 for hour in product.trains) if boards and not job else (),
                    schedule=schedule,
                )
            )


def _schedule(random: np.random.Generator) -> str:
    minute, hour, day, weekday = (int(random.integers(limit)) for limit in (60, 24, 28, 7))
    return str(
        random.choice(
            [
                f"{minute} * * * *",
                f"{minute} {hour} * * *",
                f"{minute} {hour} * * {weekday}",
                f"{minute} {hour} {1 + day} * *",
            ],
            p=[0.25, 0.4, 0.2, 0.15],
        )
    )


def sessions(random: np.random.Generator, rate: float) -> np.ndarray:
    """Busy spells of some hours, Weibull pauses with a heavy tail between them; `rate` is spells a day."""
    hours = np.zeros(HOURS, bool)
    clock = -random.uniform(0, 3 * DAY / rate)
    while clock < HOURS:
        spell = max(1.0, random.lognormal(0.7, 0.9))
        inside = np.arange(max(0, int(clock)), min(HOURS, int(clock + spell) + 1))
        hours[inside[inside >= 0]] = random.random(len(inside)) < 0.7
        clock += spell + random.weibull(0.6) * DAY / rate / 1.5
    return hours


def _hours(kind: str, product: Product, random: np.random.Generator, pace: float) -> np.ndarray:
    match kind:
        case "busy":
            return drawn(random, 0.3 + 2 * pace)
        case "office":
            day, hour = (_CLOCK // DAY + product.first_day) % 7, _CLOCK % DAY
            return drawn(random, pace * np.where((hour >= 8) & (hour < 19) & (day < 5), 1.0, 0.03))
        case "sessions":
            return sessions(random, pace)
        case "timer":
            every = int(random.choice((6, 10, 36, 60, 100, 240)))
            return (_CLOCK % every == int(random.integers(every))) & (random.random(HOURS) < 0.95)
        case "incident":
            fires = [hour for hour in product.incidents if random.random() < 0.6]
            return only(*fires, *(hour + 1 for hour in fires))
        case _:
            return drawn(random, 1 / (DAY * (2 + random.pareto(1.0) * 6)))


KINDS: Final = ("busy", "office", "sessions", "timer", "incident", "seldom")


def _wire(world: World, product: Product, shared: list[SimulatedWorkload], random: np.random.Generator) -> None:
    by_place = {(one.end.namespace, one.role): one for one in world.workloads}
    for role in product.roles:
        taste = random.dirichlet(np.array([0.9, 0.6, 0.45, 0.25, 0.2, 0.05 + 0.5 * product.restless]))
        keeps = float(random.beta(8, 2))
        calls = [_draw_call(product, shared, taste, random) for _ in range(2 + int(random.negative_binomial(2, 0.2)))]
        for namespace in product.copies:
            client = by_place[namespace, role]
            for call in calls:
                if random.random() < keeps:
                    _place(world, client, by_place, call, product, random)
            if random.random() < 0.2:
                outside = FqdnEnd(name=f"{product.name}.partner-{random.integers(3)}.example.net")
                _need(world, client, outside, 443, _hours("sessions", product, random, 1.0), random, "outside")
    _trains(world, product, by_place, shared, random)


def _draw_call(
    product: Product, shared: list[SimulatedWorkload], taste: np.ndarray, random: np.random.Generator
) -> tuple:
    kind = KINDS[random.choice(len(KINDS), p=taste)]
    target = (
        shared[random.integers(len(shared))]
        if random.random() < 0.35
        else product.roles[random.integers(len(product.roles))]
    )
    pace = min(20.0, 0.05 + float(random.pareto(1.1)))
    return kind, target, pace


def _place(
    world: World,
    client: SimulatedWorkload,
    by_place: dict[tuple[str, str], SimulatedWorkload],
    call: tuple,
    product: Product,
    random: np.random.Generator,
    since: int = 0,
) -> None:
    kind, target, pace = call
    server = by_place.get((client.end.namespace, target)) if isinstance(target, str) else target
    if server is None or server is client or not server.ports:
        return
    if client.schedule:
        # A job does most of its calls on every run, the others when there is work for them.
        share = 1.0 if random.random() < 0.7 else 0.3
        hours = runs(client.schedule, world) & (random.random(HOURS) < share)
    else:
        hours = _hours(kind, product, random, pace)
    _need(
        world, client, server.end, server.ports[0], hours & (since <= _CLOCK), random, f"born {kind}" if since else kind
    )


def _need(
    world: World,
    client: SimulatedWorkload,
    server: object,
    port: int,
    hours: np.ndarray,
    random: np.random.Generator,
    kind: str,
) -> None:
    traffic = Traffic(
        truth=Truth.NEED,
        hours=hours,
        per_hour=float(1 + random.pareto(1.2) * 2),
        answered=float(random.beta(30, 0.6)),
        one_pod=random.random() < 0.1,
        kind=kind,
    )
    world.add(client.end, server, port, traffic)  # type: ignore[arg-type]


def _trains(
    world: World,
    product: Product,
    by_place: dict[tuple[str, str], SimulatedWorkload],
    shared: list[SimulatedWorkload],
    random: np.random.Generator,
) -> None:
    """Each train changes some of the parts that board it, in every copy in turn."""
    for train in product.trains:
        for role in product.roles:
            first = by_place[product.copies[0], role]
            if train not in first.rollouts:
                continue
            if random.random() < product.churn[role]:
                call = _draw_call(product, shared, np.array([0.3, 0.25, 0.2, 0.05, 0.0, 0.2]), random)
                for number, namespace in enumerate(product.copies):
                    _place(
                        world,
                        by_place[namespace, role],
                        by_place,
                        call,
                        product,
                        random,
                        since=train + number * 36 or 1,
                    )
            if random.random() < product.churn[role] / 2 and train < LONGEST:
                own = [one for (client, *_), one in world.genuine() if client == first.end and one.truth is Truth.NEED]
                if own:
                    gone = own[random.integers(len(own))]
                    gone.hours, gone.truth = gone.hours & (train > _CLOCK), Truth.RETIRED


def _shared(world: World, index: int, random: np.random.Generator) -> SimulatedWorkload:
    workload = SimulatedWorkload(
        end=WorkloadEnd(namespace="shared", kind="StatefulSet", name=f"store-{index}"),
        role=f"store-{index}",
        replicas=3,
        ports=(int(random.choice((5432, 6379, 9092, 9200, 3306))),),
    )
    world.workloads.append(workload)
    return workload


def _base(world: World, random: np.random.Generator) -> None:
    for end, role, port in ((DNS, "coredns", 53), (AGENT, "agent", 9100)):
        world.workloads.append(SimulatedWorkload(end=end, role=role, replicas=3, ports=(port,)))
    for workload in world.workloads:
        active = runs(workload.schedule, world) if workload.schedule else drawn(random, 4.0)
        if workload.end != DNS:
            world.add(
                workload.end, DNS, 53, Traffic(truth=Truth.NEED, hours=active, per_hour=6.0, kind="dns"), Protocol.UDP
            )
        if workload.ports and random.random() < 0.6 and workload.end != AGENT:
            scrape = Traffic(truth=Truth.NEED, hours=drawn(random, 5.0), per_hour=4.0, kind="scrape")
            world.add(AGENT, workload.end, 9464, scrape)
        if random.random() < 0.1:
            world.add(
                workload.end,
                EntityEnd(entity=Entity.KUBE_APISERVER),
                6443,
                Traffic(truth=Truth.NEED, hours=active, kind="api server"),
            )
        if random.random() < 0.03 and workload.ports:
            visits = Traffic(truth=Truth.NEED, hours=sessions(random, 2.0), kind="partner")
            world.add(
                AddressEnd(address=f"198.51.100.{1 + random.integers(200)}"), workload.end, workload.ports[0], visits
            )
