"""A simulated capture: lines in order of time, files by node, and the truth beside them."""

from __future__ import annotations

import gzip
import json
import re
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import IO, TYPE_CHECKING, Any, cast

import zstandard

from tests.simulator.cluster import Cluster, Level
from tests.simulator.intrusions import IntrusionTraffic
from tests.simulator.inventory import describe_inventory
from tests.simulator.ledger import Ledger
from tests.simulator.noise import NoiseTraffic
from tests.simulator.placement import Placement
from tests.simulator.records import DAY, SECOND, Lines, stamp
from tests.simulator.traffic import Traffic
from tests.simulator.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLICE = 900 * SECOND
DEFAULT_START = datetime(2026, 3, 10, tzinfo=UTC)
SUFFIXES = {"": ".log", "gzip": ".log.gz", "zstd": ".log.zst"}
_REMOTE_NAME = re.compile(r'("(?:source|destination)":\{"identity":(?:(?!"pod_name").)*?),"pod_name":"[^"]*"')


class Simulation:
    """One capture of one cluster; the same description and seed give the same bytes."""

    def __init__(
        self, cluster: Cluster, *, days: float, seed: int, start: datetime, level: Level | None, rate: float
    ) -> None:
        self.cluster = cluster if level is None else replace(cluster, level=level)
        self.days = days
        self.seed = seed
        self.rate = rate
        self.start = round(start.timestamp()) * SECOND
        self.stop = self.start + round(days * DAY)
        self._truth: dict[str, Any] | None = None
        self._inventory: dict[str, Any] | None = None

    def lines(self) -> Iterator[str]:
        """All lines of all nodes in order of true time, without newlines; memory stays at one slice."""
        for _, line in self.records():
            yield line

    def records(self) -> Iterator[tuple[int, str]]:
        """As `lines`, with the number of the node that writes each line."""
        placement = Placement(self.cluster, self.seed, self.start, self.days)
        lines = Lines(self.cluster, placement.skews)
        wire = Wire(self.cluster, lines, self.cluster.level)
        ledger = Ledger()
        traffic = Traffic(placement, lines, wire, ledger, rate=self.rate)
        noise = NoiseTraffic(placement, lines, wire, ledger)
        intrusions = IntrusionTraffic(placement, lines, wire, ledger)
        blemish = Random(f"blemish/{self.seed}")
        self._restart(lines)
        for begin in range(self.start, self.stop, SLICE):
            end = min(begin + SLICE, self.stop)
            traffic.slice(begin, end)
            noise.slice(begin, end)
            intrusions.slice(begin, end)
            # Whatever began inside the window but ends after it was never exported.
            yield from self._blemished(lines.take(end), blemish, ledger)
        self._truth = self._tell(placement, ledger)
        self._inventory = describe_inventory(placement)

    def _restart(self, lines: Lines) -> None:
        day = self.cluster.noise.agent_restart_day
        if not 0 <= day < self.days:
            return
        down, up = self.start + round(day * DAY), self.start + round(day * DAY) + 200 * SECOND
        node = len(self.cluster.nodes) - 1
        name = f"{self.cluster.name}/{self.cluster.nodes[node]}"
        for time, state in ((down, "NODE_UNAVAILABLE"), (up + SECOND, "NODE_CONNECTED")):
            lines.other(time, 0, f'"node_status":{{"state_change":"{state}","node_names":["{name}"]}}')
        started = f'"agent_event":{{"type":"AGENT_STARTED","agent_start":{{"time":"{stamp(up)}"}}}}'
        lines.other(up, node, started)
        lines.silence = (node, down, up)

    def _blemished(
        self, taken: list[tuple[int, int, str]], random: Random, ledger: Ledger
    ) -> Iterator[tuple[int, str]]:
        nameless, repeat = self.cluster.noise.nameless_share, self.cluster.noise.repeat_share
        draw = random.random
        for _, node, line in taken:
            chance = draw()
            if chance < nameless:
                line, changed = _REMOTE_NAME.subn(r"\1", line, count=1)  # noqa: PLW2901 - the changed line replaces it
                ledger.records["nameless"] += changed
            elif chance < nameless + repeat:
                ledger.records["repeated"] += 1
                yield node, line
            yield node, line
        ledger.records["lines"] += len(taken)

    def write(self, directory: Path, *, compression: str = "") -> tuple[Path, ...]:
        """One file a node, as the exporter of each node's agent writes it; `compression` is "", "gzip" or "zstd"."""
        directory.mkdir(parents=True, exist_ok=True)
        paths = tuple(directory / f"events-{name}{SUFFIXES[compression]}" for name in self.cluster.nodes)
        with ExitStack() as stack:
            files = [_open(path, compression, stack) for path in paths]
            for node, line in self.records():
                files[node].write(line.encode() + b"\n")
        return paths

    def _finish(self) -> None:
        if self._truth is None:
            for _ in self.records():
                pass

    @property
    def truth(self) -> dict[str, Any]:
        """Workloads, needed conversations and noise; runs the simulation if nothing has yet."""
        self._finish()
        return self._truth or {}

    def inventory(self) -> dict[str, Any]:
        """What `kubectl get ns,pods,svc,deploy,sts,ds,job,cronjob,cnp -o json` says at the end of the window."""
        self._finish()
        return self._inventory or {}

    def write_truth(self, path: Path) -> None:
        """The truth as indented JSON."""
        path.write_text(dump(self.truth), encoding="utf-8")

    def write_inventory(self, path: Path) -> None:
        """The inventory as indented JSON."""
        path.write_text(dump(self.inventory()), encoding="utf-8")

    def _tell(self, placement: Placement, ledger: Ledger) -> dict[str, Any]:
        workloads = [
            {
                "namespace": workload.namespace,
                "kind": str(workload.kind),
                "name": workload.name,
                "labels": dict(sorted(workload.labels)),
                "audited": workload.audit,
                "pods": sorted(pod.name for pod in placement.pods.get(key, [])),
            }
            for key, workload in sorted(placement.workloads.items())
            if not workload.cluster
        ]
        requests = ledger.requests()
        return {
            "cluster": self.cluster.name,
            "seed": self.seed,
            "days": self.days,
            "start": stamp(self.start),
            "end": stamp(self.stop),
            "workloads": workloads,
            "conversations": ledger.conversations(),
            "noise": ledger.noise(),
            "records": dict(sorted(ledger.records.items())),
            **({"requests": requests} if requests else {}),
            **({"remote": sorted(item.end for item in self.cluster.remote)} if self.cluster.remote else {}),
            **({"tunnels": ledger.tunnels()} if self.cluster.noise.tunnels else {}),
        }


def simulate(
    cluster: Cluster,
    *,
    days: float,
    seed: int,
    start: datetime = DEFAULT_START,
    events: str | None = None,
    rate: float = 1.0,
) -> Simulation:
    """Make a capture of `days` days from `start`; `events` overrides the level of detail.

    `rate` multiplies every conversation's rate: a benchmark asks for millions of lines that way.
    """
    return Simulation(cluster, days=days, seed=seed, start=start, level=Level(events) if events else None, rate=rate)


def dump(value: object) -> str:
    """JSON for people: indented by one, one newline at the end."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _open(path: Path, compression: str, stack: ExitStack) -> IO[bytes]:
    raw = stack.enter_context(path.open("wb"))
    if compression == "gzip":
        # Neither name nor time in the header: the same lines give the same file.
        packed = gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0)
        stack.callback(packed.close)
        return cast("IO[bytes]", packed)
    if compression == "zstd":
        return stack.enter_context(zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False))
    return raw
