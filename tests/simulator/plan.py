"""A conversation made ready for the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from tests.simulator.cluster import Conversation, ExternalName, Workload
    from tests.simulator.wire import Handling, Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpProxy:
    """How connections through the proxies of a server's nodes are shown."""

    egress: Ruling
    ingress: Ruling
    addresses: tuple[str, ...]
    """From which each node's proxy opens its own connections to local pods."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """A conversation made ready: everything that does not change from connection to connection."""

    conversation: Conversation
    client: Workload | None
    server: Workload | None
    external: ExternalName | None
    handling: Handling
    random: Random
    names: tuple[str, ...] = ()
    source_ports: dict[tuple[str, str], int] | None = None
    proxy: HttpProxy | None = None
    """The server's HTTP proxy, if it has one."""


def fixed_end(word: str, workload: Workload | None) -> str:
    """How truth rows name an end of a description, as far as it does not depend on who looks."""
    if workload is not None:
        return workload.end
    match word:
        case "kubelet":
            return "entity:host"
        case "apiserver":
            return "entity:kube-apiserver"
        case "world":
            return "entity:world"
        case _:
            return word
