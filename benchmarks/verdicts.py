"""`python -m benchmarks.verdicts`: how long a million verdicts take, on 100 random policies and 200 pods.

Random connections between pods, entities and outside addresses on random ports; half of the sources and destinations
are pods. Time is CPU time of this process, which is single-threaded.
"""

from __future__ import annotations

import argparse
import time
from random import Random
from typing import TYPE_CHECKING, Final

from benchmarks.table import machine_lines
from recommender.model.connection import AddressEndpoint, Connection, EntityEndpoint, JudgedEndpoint, PodEndpoint
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.semantics import PolicySet
from tests.conformance.random_policies import APPS, NAMESPACES, PORTS, TEAMS, chance, cilium_policy, network_policy
from tests.conformance.random_scenarios import ADDRESSES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_ENTITIES: Final = (Entity.HOST, Entity.REMOTE_NODE, Entity.KUBE_APISERVER, Entity.INGRESS)
_PROTOCOLS: Final = (Protocol.TCP, Protocol.TCP, Protocol.TCP, Protocol.UDP, Protocol.SCTP)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the scene, judge, print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--policies", type=int, default=100)
    parser.add_argument("--pods", type=int, default=200)
    parser.add_argument("--verdicts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    random = Random(options.seed)  # noqa: S311 - a seed, not a secret
    documents = [_policy(random, number) for number in range(options.policies)]
    ends = [*_pods(random, options.pods), *_others()]
    connections = _connections(random, ends, options.verdicts)

    begun = time.process_time()
    policies = PolicySet.parse(documents, namespaces={name: {"team": TEAMS[0]} for name in NAMESPACES})
    read = time.process_time()
    allowed = sum(policies.judge(connection).allowed for connection in connections)
    judged = time.process_time()

    print("\n".join(machine_lines()))
    print()
    print("| step | CPU s | note |")
    print("|---|---|---|")
    print(f"| read and compile {options.policies} policies | {read - begun:.2f} | |")
    rate = options.verdicts / (judged - read)
    note = f"{rate:,.0f} a second; {allowed / options.verdicts:.1%} allowed, {options.pods} pods"
    print(f"| {options.verdicts:,} verdicts | {judged - read:.2f} | {note} |")


def _policy(random: Random, number: int) -> dict[str, Any]:
    kind, space, name = random.choice(("np", "cnp", "cnp", "ccnp")), random.choice(NAMESPACES), f"p{number}"
    if kind == "np":
        return network_policy(random, name, space)
    return cilium_policy(random, name, space if kind == "cnp" else "")


def _pods(random: Random, count: int) -> list[JudgedEndpoint]:
    pods: list[JudgedEndpoint] = []
    for number in range(count):
        labels = {"app": random.choice(APPS), "pod": f"p{number % 50}"}
        if chance(random, 0.5):
            labels["team"] = random.choice(TEAMS)
        pods.append(
            PodEndpoint(
                namespace=random.choice(NAMESPACES),
                name=f"pod-{number}",
                labels=tuple(sorted(labels.items())),
                named_ports=(("http", "TCP", 8080),),
            )
        )
    return pods


def _others() -> list[JudgedEndpoint]:
    entities: list[JudgedEndpoint] = [EntityEndpoint(entity=entity) for entity in _ENTITIES]
    return entities + [AddressEndpoint(address=address) for address in ADDRESSES]


def _connections(random: Random, ends: Sequence[JudgedEndpoint], count: int) -> list[Connection]:
    return [
        Connection(
            source=random.choice(ends),
            destination=random.choice(ends),
            protocol=random.choice(_PROTOCOLS),
            port=random.choice(PORTS) if chance(random, 0.8) else random.randint(1, 65535),
        )
        for _ in range(count)
    ]


if __name__ == "__main__":
    main()
