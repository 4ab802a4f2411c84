"""The exporter's JSON lines, assembled from prepared fragments because millions of them are wanted."""

from __future__ import annotations

import json
from functools import lru_cache
from random import Random
from time import gmtime, strftime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.cluster import Cluster

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def compact(value: object) -> str:
    """JSON as Go's encoder writes it: no spaces, `<>&` escaped, other characters as they are."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(seconds))


def stamp(nanoseconds: int) -> str:
    """RFC 3339 with nine digits, `Z`."""
    seconds, rest = divmod(nanoseconds, SECOND)
    return f"{_second(seconds)}.{rest:09d}Z"


def flags(*names: str) -> str:
    """TCP flags as protojson writes them; only the true ones are listed."""
    return ",".join(f'"{name}":true' for name in names)


SYN = flags("SYN")
SYN_ACK = flags("SYN", "ACK")
ACK = flags("ACK")
PSH_ACK = flags("PSH", "ACK")
FIN_ACK = flags("FIN", "ACK")
RST_ACK = flags("RST", "ACK")

_FLAG_SUMMARY = {
    SYN: "TCP Flags: SYN",
    SYN_ACK: "TCP Flags: SYN, ACK",
    ACK: "TCP Flags: ACK",
    PSH_ACK: "TCP Flags: ACK, PSH",
    FIN_ACK: "TCP Flags: ACK, FIN",
    RST_ACK: "TCP Flags: ACK, RST",
}


def flag_summary(tcp_flags: str) -> str:
    """The `Summary` that Hubble gives a packet with these flags."""
    return _FLAG_SUMMARY[tcp_flags]


TRACE_POINTS = {
    "TO_ENDPOINT": 0,
    "TO_PROXY": 1,
    "TO_HOST": 2,
    "TO_STACK": 3,
    "TO_OVERLAY": 4,
    "TO_NETWORK": 11,
}


@lru_cache(maxsize=65536)
def trace_tail(point: str, direction: str, reason: str, interface: str, summary: str, *, names: str = "") -> str:
    """What follows the node in a trace event (type 4); `names` is a ready `"destination_names":[…],` or empty."""
    sub_type = TRACE_POINTS[point]
    event = f'{{"type":4,"sub_type":{sub_type}}}' if sub_type else '{"type":4}'
    reply = "true" if reason == "REPLY" else "false"
    old_reply = '"reply":true,' if reason == "REPLY" else ""
    seen = f'"interface":{interface}' if interface else ""
    return (
        f'{names}{old_reply}"event_type":{event},"traffic_direction":"{direction}","trace_observation_point":"{point}",'
        f'"trace_reason":"{reason}","is_reply":{reply}' + _joined(seen, summary)
    )


@lru_cache(maxsize=65536)
def verdict_tail(
    direction: str, summary: str, *, match: int = 0, names: str = "", policies: str = "", drop: str = ""
) -> str:
    """What follows the node in a policy verdict (type 5); `drop` is the reason's name of a dropped one."""
    matched = f'"policy_match_type":{match},' if match else ""
    ending = f'"drop_reason_desc":"{drop}"' if drop else '"is_reply":false'
    return f'{names}"event_type":{{"type":5}},"traffic_direction":"{direction}",{matched}{ending}' + _joined(
        summary, policies
    )


def _joined(*parts: str) -> str:
    return "".join(f",{part}" for part in parts if part)


@lru_cache(maxsize=4096)
def summary_field(text: str) -> str:
    """`"Summary":"…"`, the last field before the policies."""
    return f'"Summary":{compact(text)}'


class Lines:
    """Collects the lines of one slice of time; knows node names, skews and silences."""

    def __init__(self, cluster: Cluster, skews: tuple[int, ...]) -> None:
        self._buffer: list[tuple[int, int, str]] = []
        self._skews = skews
        self._emitter = f'"emitter":{{"name":"Hubble","version":"{cluster.version}"}},"verdict":"'
        self._names = tuple(f"{cluster.name}/{name}" for name in cluster.nodes)
        self._nodes = tuple(
            f'"node_name":"{cluster.name}/{name}",' + (_node_labels(name, index) if cluster.node_labels else "")
            for index, name in enumerate(cluster.nodes)
        )
        self._ends = tuple(f'}},"node_name":"{name}","time":"' for name in self._names)
        self._bits: Callable[[int], int] = Random(0).getrandbits
        self.silence = (-1, 0, 0)
        """(node, from, to): no line of that node is written in between."""

    def use(self, bits: Callable[[int], int]) -> None:
        """Take uuids from this source (`random.Random.getrandbits`) from now on."""
        self._bits = bits

    def flow(self, time: int, node: int, verdict: str, body: str, tail: str, *, kind: str = "L3_L4") -> None:
        """One flow record: `body` (ethernet, IP, l4, source, destination) is ready JSON.

        `tail` is what follows the node, from `trace_tail` or `verdict_tail`.
        """
        text = f"{self._bits(128):032x}"
        seconds, rest = divmod(time + self._skews[node], SECOND)
        moment = f"{_second(seconds)}.{rest:09d}Z"
        self._put(
            time,
            node,
            f'{{"flow":{{"time":"{moment}","uuid":"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}",'
            f'{self._emitter}{verdict}",{body},"Type":"{kind}",{self._nodes[node]}{tail}'
            f'{self._ends[node]}{moment}"}}',
        )

    def other(self, time: int, node: int, body: str) -> None:
        """A record that is no flow, such as `"lost_events":{…}`."""
        moment = stamp(time + self._skews[node])
        self._put(time, node, f'{{{body},"node_name":"{self._names[node]}","time":"{moment}"}}')

    def raw(self, time: int, node: int, line: str) -> None:
        """A line as it is, well-formed or not."""
        self._put(time, node, line)

    def _put(self, time: int, node: int, line: str) -> None:
        silent, start, end = self.silence
        if node == silent and start <= time < end:
            return
        self._buffer.append((time, node, line))

    def __len__(self) -> int:
        return len(self._buffer)

    def last(self) -> tuple[int, int, str]:
        """The line written last."""
        return self._buffer[-1]

    def take(self, before: int) -> list[tuple[int, int, str]]:
        """The lines earlier than this time in order of time; later ones stay for the next slice."""
        self._buffer.sort(key=_first)
        at = len(self._buffer)
        while at and self._buffer[at - 1][0] >= before:
            at -= 1
        taken, self._buffer = self._buffer[:at], self._buffer[at:]
        return taken


def _first(item: tuple[int, int, str]) -> int:
    return item[0]


def _node_labels(name: str, index: int) -> str:
    labels = [
        "kubernetes.io/arch=amd64",
        f"kubernetes.io/hostname={name}",
        "kubernetes.io/os=linux",
    ]
    if index == 0:
        labels.append("node-role.kubernetes.io/control-plane=")
    return f'"node_labels":{compact(labels)},'
