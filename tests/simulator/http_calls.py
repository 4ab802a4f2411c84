"""HTTP requests of a conversation, described: what is asked for, how often, and what the server answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One method on one path; `{id}`, `{uuid}`, `{hash}` and `{date}` in it differ from request to request."""

    method: str
    path: str
    weight: float = 1.0
    """Share among the calls of its conversation."""
    status: int = 200
    query: str = ""
    denied: bool = False
    """An HTTP rule that exists already denies it: 403, and an access log record with verdict DROPPED."""
    noise: str = ""
    """Why nobody needs it; empty for a need."""
    protocol: str = "HTTP/1.1"


def path_of(call: HttpCall, random: Random) -> str:
    """A path for one request."""
    path = call.path
    for word, draw in (("{id}", _number), ("{uuid}", _uuid), ("{hash}", _hash), ("{date}", _date)):
        while word in path:
            path = path.replace(word, draw(random), 1)
    return path


def choose_call(calls: tuple[HttpCall, ...], random: Random) -> HttpCall:
    """One of the calls, by weight."""
    place = random.random() * sum(call.weight for call in calls)
    for call in calls:
        place -= call.weight
        if place < 0:
            return call
    return calls[-1]


def _digits(random: Random, count: int) -> str:
    return "".join(_HEX[int(random.random() * 16)] for _ in range(count))


def _number(random: Random) -> str:
    return str(1 + int(random.random() * 900))


def _uuid(random: Random) -> str:
    return "-".join(_digits(random, count) for count in (8, 4, 4, 4, 12))


def _hash(random: Random) -> str:
    return _digits(random, 12)


def _date(random: Random) -> str:
    return f"2026-03-{10 + int(random.random() * 20):02}"
