"""The truth: which conversations are needed, which edges are noise, and what of both the capture shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.simulator.placement import Peer, truth_end
from tests.simulator.records import stamp

if TYPE_CHECKING:
    from tests.simulator.cluster import TrafficClass
    from tests.simulator.http_calls import HttpCall

EdgeKey = tuple[str, str, str, int]


class Ledger:
    """Counts connections by edge while they are written, and remembers the first and the last."""

    def __init__(self) -> None:
        self._needed: dict[EdgeKey, str] = {}
        self._noise: dict[EdgeKey, str] = {}
        self._seen: dict[EdgeKey, list[int]] = {}
        self._noise_seen: dict[EdgeKey, list[int]] = {}
        self.records: Counter[str] = Counter()
        self._requests: Counter[tuple[str, str, int, str, str, str]] = Counter()
        self._tunnels: Counter[tuple[str, str]] = Counter()

    def declare(self, client: str, server: str, protocol: str, port: int, traffic: TrafficClass) -> None:
        """A need, whether or not it happens in the window."""
        self._needed.setdefault((client, server, protocol, port), str(traffic))

    def saw(self, time: int, ends: tuple[Peer, Peer], protocol: str, port: int, traffic: TrafficClass) -> None:
        """One connection of a need left at least one line."""
        key = _key(ends, protocol, port)
        self._needed.setdefault(key, str(traffic))
        _count(self._seen, key, time)

    def saw_noise(self, time: int, ends: tuple[Peer, Peer], protocol: str, port: int, kind: str) -> None:
        """One connection that nobody needs left at least one line."""
        key = _key(ends, protocol, port)
        self._noise.setdefault(key, kind)
        _count(self._noise_seen, key, time)

    def asked(self, ends: tuple[Peer, Peer], port: int, call: HttpCall) -> None:
        """One HTTP request that the server's proxy logged."""
        client, server, _, _ = _key(ends, "TCP", port)
        self._requests[client, server, port, call.method, call.path, call.noise] += 1

    def requests(self) -> list[dict[str, Any]]:
        """HTTP requests by edge, method and path as described, sorted; `noise` says why nobody needs them."""
        names = ("client", "server", "port", "method", "path", "noise")
        return [
            dict(zip(names, key, strict=True)) | {"requests": count} for key, count in sorted(self._requests.items())
        ]

    def saw_tunnel(self, client: Peer, domain: str) -> None:
        """One lookup that carried data out left at least one line; its edge is that of any lookup."""
        self._tunnels[client.end, domain] += 1

    def tunnels(self) -> list[dict[str, Any]]:
        """Who carried data out under which domain, sorted."""
        return [
            {"client": client, "domain": domain, "lookups": count}
            for (client, domain), count in sorted(self._tunnels.items())
        ]

    def conversations(self) -> list[dict[str, Any]]:
        """Needed rows, sorted; `seen` says whether the window holds at least one connection."""
        return [
            {**_edge(key), "class": traffic, "seen": key in self._seen, **_sightings(self._seen.get(key))}
            for key, traffic in sorted(self._needed.items())
        ]

    def noise(self) -> list[dict[str, Any]]:
        """Noise rows, sorted, without edges that are also needed."""
        return [
            {**_edge(key), "kind": kind, **_sightings(self._noise_seen.get(key))}
            for key, kind in sorted(self._noise.items())
            if key not in self._needed
        ]


def _key(ends: tuple[Peer, Peer], protocol: str, port: int) -> EdgeKey:
    client, server = ends
    return truth_end(client, server), truth_end(server, client), protocol, port


def _count(counts: dict[EdgeKey, list[int]], key: EdgeKey, time: int) -> None:
    found = counts.get(key)
    if found is None:
        counts[key] = [1, time, time]
        return
    found[0] += 1
    found[1] = min(found[1], time)
    found[2] = max(found[2], time)


def _sightings(found: list[int] | None) -> dict[str, Any]:
    """Connections and the true times of the first and the last; null where there was none."""
    if found is None:
        return {"connections": 0, "first": None, "last": None}
    connections, first, last = found
    return {"connections": connections, "first": stamp(first), "last": stamp(last)}


def _edge(key: EdgeKey) -> dict[str, Any]:
    client, server, protocol, port = key
    return {"client": client, "server": server, "protocol": protocol, "port": port}
