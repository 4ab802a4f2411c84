"""Windows of simulated clusters with the truth of each edge beside its scores: what is fitted and tested on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.calibration.recording import Recording, inventory_of, record
from benchmarks.calibration.world import LONGEST, Truth
from recommender.assess import decide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.calibration.world import World
    from recommender.model.disposition import Decided
    from recommender.model.inventory import Inventory
    from recommender.model.observation import Observation

WINDOWS = (1, 3, 7, 14, 28)
"""Days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One window of one cluster, decided by the rules that the program uses."""

    recording: Recording
    days: int
    observation: Observation
    decided: dict[str, Decided]
    inventory: Inventory
    needed: np.ndarray
    """Whether each edge, in the order of the observation, is a need of the cluster at the end of the window."""
    again: np.ndarray
    """Whether each is seen in the week after."""

    @property
    def name(self) -> str:
        """World and window."""
        return f"{self.recording.world.name}, {self.days} d"


def examples(make: Callable[[int], World], seeds: Iterable[int], windows: Iterable[int] = WINDOWS) -> Iterator[Example]:
    """All windows of the clusters of these seeds."""
    for seed in seeds:
        recording = record(make(seed))
        inventory = inventory_of(recording.world)
        truth = dict(zip(recording.keys, recording.traffic, strict=True))
        for days in windows:
            observation = recording.window(days)
            found = [truth[edge.client, edge.server, edge.protocol, edge.port] for edge in observation.edges]
            yield Example(
                recording=recording,
                days=days,
                observation=observation,
                decided=decide(
                    observation.edges, workloads=observation.workloads, capture=observation.capture, inventory=inventory
                ),
                inventory=inventory,
                needed=np.array([one.truth is Truth.NEED for one in found]),
                again=np.array([bool(one.hours[LONGEST:].any()) for one in found]),
            )
