"""Ports that a server picks anew each time, as the few ranges they are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIRST_HIGH_PORT: Final = 1024
LAST_PORT: Final = 65535
FEWEST_IN_RUN: Final = 5
"""Ports that a range must rest on; fewer stay single."""
UNSEEN_FOR_EACH_SEEN: Final = 64
"""Ports that a range may open for each one that was seen in it, unless it is one of `KNOWN_RANGES`."""
KNOWN_RANGES: Final = (
    (10000, 20000),  # RTP, Asterisk's default (rtp.conf)
    (16384, 32767),  # RTP, common among SIP servers and phones
    (32768, 60999),  # Linux net.ipv4.ip_local_port_range
    (49152, 65535),  # dynamic ports (RFC 6335, section 6)
)
"""Ranges from which systems draw ports by themselves."""

_STEPS: Final = (10, 100, 1000)
_SMALL_GAP: Final = 16
_UNLIKELY: Final = 7
_HALF: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PortRun:
    """An inclusive range."""

    low: int
    high: int

    def covers(self, port: int) -> bool:
        """Whether a port lies in it."""
        return self.low <= port <= self.high


def port_runs(ports: Iterable[int], *, services: Iterable[int] = ()) -> tuple[PortRun, ...]:
    """The ranges that dynamic ports are drawn from, sorted and disjoint; ports outside them stay single.

    Ports are split where a gap is longer than chance explains: of n ports drawn evenly, the longest gap exceeds the
    mean by more than ln n + 7 times in about one case of a thousand (spacings of uniform draws are exponential;
    their maximum is a Gumbel variable). A run that takes up half of a known dynamic range becomes that range; any
    other is rounded outwards to the step above its mean gap, so that a few more ports next time change nothing, and
    must not open more than `UNSEEN_FOR_EACH_SEEN` ports for each seen one. `services` are ports of the server that no
    range may open.
    """
    ordered = sorted({port for port in ports if FIRST_HIGH_PORT <= port <= LAST_PORT})
    parts = (part for part in _split(ordered) if len(part) >= FEWEST_IN_RUN)
    wide = [run for part in parts if (run := _widened(part))]
    return tuple(piece for run in _merged(wide) for piece in _without(run, services))


def _split(ports: Sequence[int]) -> list[Sequence[int]]:
    done: list[Sequence[int]] = []
    pending = [ports] if ports else []
    while pending:
        part = pending.pop()
        place = _unlikely_gap(part)
        if place:
            pending += [part[place:], part[:place]]
        else:
            done.append(part)
    return done


def _unlikely_gap(ports: Sequence[int]) -> int:
    """Where the longest gap ends, if it is longer than chance explains; else 0."""
    gaps = [after - before for before, after in pairwise(ports)]
    if len(gaps) < _HALF:
        return 1 if gaps and gaps[0] > _SMALL_GAP else 0
    longest = max(gaps)
    mean = (sum(gaps) - longest) / (len(gaps) - 1)
    limit = max(_SMALL_GAP, mean * (log(len(ports)) + _UNLIKELY))
    return gaps.index(longest) + 1 if longest > limit else 0


def _widened(ports: Sequence[int]) -> PortRun | None:
    """The range that these ports stand for, or none if it would open too much."""
    low, high = ports[0], ports[-1]
    for first, last in KNOWN_RANGES:
        if first <= low and high <= last and _HALF * (high - low + 1) >= last - first + 1:
            return PortRun(low=first, high=last)
    mean = (high - low) / (len(ports) - 1)
    step = next((step for step in _STEPS if step >= mean), _STEPS[-1])
    run = PortRun(low=max(low // step * step, FIRST_HIGH_PORT), high=min(-(-high // step) * step, LAST_PORT))
    unseen = run.high - run.low + 1 - len(ports)
    return run if unseen <= UNSEEN_FOR_EACH_SEEN * len(ports) else None


def _merged(runs: Iterable[PortRun]) -> list[PortRun]:
    found: list[PortRun] = []
    for run in sorted(runs):
        if found and run.low <= found[-1].high + 1:
            found[-1] = PortRun(low=found[-1].low, high=max(found[-1].high, run.high))
        else:
            found.append(run)
    return found


def _without(run: PortRun, services: Iterable[int]) -> list[PortRun]:
    """The range without the ports of known services."""
    pieces: list[PortRun] = []
    low = run.low
    for port in sorted({port for port in services if run.covers(port)}):
        if port > low:
            pieces.append(PortRun(low=low, high=port - 1))
        low = port + 1
    return [*pieces, PortRun(low=low, high=run.high)] if low <= run.high else pieces
