"""A simulated cluster by the hour: who needs whom, who only tries, and in which hours each was active.

Hours, not flows: five weeks of a cluster are a few thousand rows of bits, so that hundreds of clusters can be drawn.
How flows become hours is the business of `tests/simulator`, with which `end_to_end.py` compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.model.activity import HOUR_NS
from recommender.model.edge import End, Protocol, WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY: Final = 24
WEEK: Final = 7 * DAY
LONGEST: Final = 4 * WEEK
"""The longest window; every window ends at this hour, and the week after it is the truth."""
HOURS: Final = LONGEST + WEEK
START_NS: Final = 1_760_918_400_000_000_000
"""Monday 2025-10-20 00:00 UTC."""

Hours = np.ndarray
"""`HOURS` booleans."""
Key = tuple[End, End, Protocol, int]


class Truth(StrEnum):
    """Why an edge is there."""

    NEED = "need"
    RETIRED = "retired need"
    """Was needed, until a release removed the call."""
    SCAN = "scan"
    SLOW_SCAN = "slow scan"
    LATERAL = "lateral movement"
    DEBUG = "debugging"
    DEAD = "retry loop"
    BEACON = "beacon"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedWorkload:
    """A workload, its role, and the hours at which a release replaced its pods."""

    end: WorkloadEnd
    role: str
    replicas: int
    ports: tuple[int, ...] = ()
    rollouts: tuple[int, ...] = ()
    schedule: str = ""
    """Cron expression of a CronJob."""


@dataclass(slots=True, kw_only=True)
class Traffic:
    """One edge of the simulated cluster."""

    truth: Truth
    hours: Hours
    per_hour: float = 3.0
    """Mean connections in an active hour."""
    answered: float = 0.995
    """Probability that a connection is answered."""
    refuses: bool = False
    """Whether what is not answered is refused (else it is silence)."""
    one_pod: bool = False
    """Whether a single replica does it: a leader, a person in a shell."""
    kind: str = ""
    """The simulator's own word for the need, for looking into misses."""


@dataclass(slots=True, kw_only=True)
class World:
    """One cluster over `HOURS` hours."""

    name: str
    seed: int
    first_day: int = 0
    """Days after a Monday on which the trace begins."""
    workloads: list[SimulatedWorkload] = field(default_factory=list)
    traffic: dict[Key, Traffic] = field(default_factory=dict)
    outages: Hours = field(default_factory=lambda: np.zeros(HOURS, bool))
    """Hours in which nothing was recorded."""
    lost: float = 0.0
    """Share of active hours whose events were lost."""
    replies_recorded: bool = True
    """Whether traces beside verdicts were exported, so that answers show."""

    @property
    def start_ns(self) -> int:
        """When the trace begins."""
        return START_NS + self.first_day * DAY * HOUR_NS

    def add(self, client: End, server: End, port: int, traffic: Traffic, protocol: Protocol = Protocol.TCP) -> None:
        """Add traffic; an edge that somebody needs stays needed, whoever else uses it."""
        if client == server or not traffic.hours.any():
            return
        key = (client, server, protocol, port)
        there = self.traffic.get(key)
        if there is None:
            self.traffic[key] = traffic
            return
        need = min((there, traffic), key=lambda one: tuple(Truth).index(one.truth))
        need.hours = there.hours | traffic.hours
        self.traffic[key] = need

    def genuine(self) -> Iterable[tuple[Key, Traffic]]:
        """What the cluster needs or needed."""
        return ((key, one) for key, one in self.traffic.items() if one.truth in {Truth.NEED, Truth.RETIRED})


def drawn(random: np.random.Generator, rate: Hours | float) -> Hours:
    """Hours in which a Poisson process of this hourly rate (a number or one an hour) has an event."""
    return random.random(HOURS) < 1 - np.exp(-np.broadcast_to(rate, HOURS))


def only(*hours: int) -> Hours:
    """Just these hours, as far as they lie in the trace."""
    found = np.zeros(HOURS, bool)
    found[[hour for hour in hours if 0 <= hour < HOURS]] = True
    return found
