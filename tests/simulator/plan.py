"""A conversation made ready for the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from tests.simulator.cluster import Conversation, ExternalName, Workload
    from tests.simulator.wire import Handling


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
    proxied: Handling | None = None
    """How connections through the server's HTTP proxy are shown; None if there is none."""


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
