"""`python -m tests.conformance.random_scenarios --seed N --count M`: random scenarios without answers, as JSON lines.

The same seed gives the same scenarios. The answers may only come from somebody else's engine.
"""

from __future__ import annotations

import argparse
import json
import sys
from random import Random
from typing import TYPE_CHECKING, Any

import yaml

from tests.conformance.random_cluster_policies import cluster_network_policy
from tests.conformance.random_policies import (
    APPS,
    NAMES,
    NAMESPACES,
    PORTS,
    TEAMS,
    chance,
    cilium_policy,
    network_policy,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ADDRESSES = (
    "192.0.2.10",
    "192.0.2.200",
    "198.51.100.7",
    "198.51.100.80",
    "203.0.113.5",
    "10.1.2.3",
    "2001:db8::1",
    "2001:db8:1::5",
    "2001:db9::1",
)
ENDS = ("host", "remote-node", "kube-apiserver", "health", "ingress", "unmanaged", "world")
_PORTS_OF_PODS = {"http": "TCP/8080", "metrics": "TCP/9090", "dns": "UDP/53", "dns-tcp": "TCP/53"}
_MIXES = (
    ("np",),
    ("cnp",),
    ("ccnp", "cnp"),
    ("np", "cnp", "ccnp"),
    ("tiers", "np"),
    ("tiers", "np", "cnp", "ccnp"),
)


def scenarios(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """Random scenarios, each of one mix of policy kinds."""
    for number in range(count):
        random = Random(f"{seed}/{number}")
        yield _scenario(random, f"random-{seed}-{number:04d}", _MIXES[number % len(_MIXES)])


def _scenario(random: Random, name: str, mix: Sequence[str]) -> dict[str, Any]:
    spaces = ["kube-system", *random.sample(NAMESPACES[:-1], random.randint(2, 3))]
    pods = _pods(random, spaces)
    named = {address: random.sample(NAMES, random.randint(1, 2)) for address in random.sample(ADDRESSES, 4)}
    return {
        "Name": name,
        "Policies": [
            yaml.safe_dump(_policy(random, random.choice(mix), number, spaces), sort_keys=False)
            for number in range(random.randint(1, 6))
        ],
        "Namespaces": {space: _namespace(random, space) for space in spaces},
        "Pods": pods,
        "fqdns": named,
        "Queries": _queries(random, pods),
    }


def _namespace(random: Random, name: str) -> dict[str, str]:
    labels = {"kubernetes.io/metadata.name": name}
    if chance(random, 0.7):
        labels["team"] = random.choice(TEAMS)
    return labels


def _pods(random: Random, spaces: Sequence[str]) -> list[dict[str, Any]]:
    pods: list[dict[str, Any]] = [
        {
            "name": "dns-0",
            "namespace": "kube-system",
            "labels": {"k8s-app": "kube-dns"},
            "namedPorts": {"dns": "UDP/53", "dns-tcp": "TCP/53"},
        }
    ]
    for number in range(random.randint(5, 10)):
        labels = {"app": random.choice(APPS)} if chance(random, 0.9) else {}
        if chance(random, 0.4):
            labels["team"] = random.choice(TEAMS)
        pod: dict[str, Any] = {"name": f"pod-{number}", "namespace": random.choice(spaces), "labels": labels}
        ports = {port: text for port, text in _PORTS_OF_PODS.items() if chance(random, 0.4)}
        if "http" in ports and chance(random, 0.3):
            ports["http"] = "TCP/8081"
        if ports:
            pod["namedPorts"] = ports
        if chance(random, 0.2):
            pod["serviceAccount"] = "robot"
        pods.append(pod)
    return pods


def _policy(random: Random, kind: str, number: int, spaces: Sequence[str]) -> dict[str, Any]:
    name, space = f"p{number}", random.choice(spaces)
    match kind:
        case "np":
            return network_policy(random, name, space)
        case "cnp":
            return cilium_policy(random, name, space)
        case "ccnp":
            return cilium_policy(random, name, "")
        case _:
            return cluster_network_policy(random, name, random.randint(0, 9) * 10 + number)


def _queries(random: Random, pods: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [f"{pod['namespace']}/{pod['name']}" for pod in pods]
    others = [*ENDS, *(f"ip:{address}" for address in ADDRESSES), "apiserver-ip:203.0.113.5"]
    found = []
    for _ in range(60):
        pod = random.choice(names)
        other = random.choice([name for name in names if name != pod] if chance(random, 0.6) else others)
        source, destination = (pod, other) if chance(random, 0.6) else (other, pod)
        found.append({"From": source, "To": destination, **_protocol(random)})
    return found


def _protocol(random: Random) -> dict[str, Any]:
    protocol = random.choice(("TCP", "TCP", "TCP", "TCP", "UDP", "UDP", "SCTP", "ICMP", "ICMPv6"))
    if protocol == "ICMP":
        return {"Proto": protocol, "Port": random.choice((8, 3))}
    if protocol == "ICMPv6":
        return {"Proto": protocol, "Port": random.choice((128, 1))}
    port = random.choice(PORTS) + (random.choice((1, 40)) if chance(random, 0.15) else 0)
    return {"Proto": protocol, "Port": port}


def main(arguments: Sequence[str]) -> int:
    """Write scenarios to standard output."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.random_scenarios")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=200)
    chosen = parser.parse_args(arguments)
    for scenario in scenarios(chosen.seed, chosen.count):
        sys.stdout.write(json.dumps(scenario) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
