"""What a user calls the end of a connection, and the endpoints that it stands for."""

from __future__ import annotations

import difflib
import ipaddress
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from recommender.errors import UsageError
from recommender.model.connection import AddressEndpoint, EntityEndpoint, PodEndpoint
from recommender.model.entity import Entity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.connection import JudgedEndpoint
    from recommender.semantics.recorded_report import RecordedReport
    from recommender.semantics.scene import Member, Scene

SOME_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - not bound to: stands for an address outside that nobody wrote down
_MAX_ADDRESSES: Final = 16
_DNS_NAME: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([-A-Za-z0-9_]*[A-Za-z0-9])?(\.[-A-Za-z0-9_]+)+\.?")
_ENTITIES: Final = tuple(entity.value for entity in Entity if entity not in {Entity.ALL, Entity.CLUSTER})


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedEnd:
    """One end as the user named it."""

    text: str
    endpoints: tuple[tuple[str, JudgedEndpoint], ...]
    """(what tells it from the others, endpoint); one for every label set or address that the name stands for."""
    recorded: frozenset[str]
    """What a report calls it."""
    members: tuple[Member, ...] = ()
    is_pod: bool = False
    """Whether it names one pod, and not all pods of a workload."""
    note: str = ""
    """How the name was understood, where that is not plain."""


def find_end(text: str, scene: Scene, report: RecordedReport) -> NamedEnd:
    """Which endpoints does a user mean?

    Args:
        text: An entity, an address, `namespace/pod`, `namespace/workload`, `namespace/Kind/name` (each with
            `cluster/` in front where there are several), or a DNS name outside the cluster.
        scene: Who is there.
        report: For the addresses that a DNS name was seen with.

    Raises:
        UsageError: Nothing is called so.
    """
    if text in _ENTITIES:
        return _entity(Entity(text))
    try:
        address = str(ipaddress.ip_address(text))
    except ValueError:
        pass
    else:
        return _address(address, scene)
    members = _members(text, scene)
    if members:
        return _of_members(text, members)
    if "/" not in text and _DNS_NAME.fullmatch(text):
        return _name(text.lower().rstrip("."), report)
    raise UsageError("nothing is called so", where=text, hint=_suggestion(text, scene))


def _entity(entity: Entity) -> NamedEnd:
    if entity is Entity.WORLD:
        return NamedEnd(
            text="world",
            endpoints=(("", AddressEndpoint(address=SOME_ADDRESS)),),
            recorded=frozenset({"entity:world"}),
            note="world: an IPv4 address outside the cluster that no narrower CIDR or name covers",
        )
    return NamedEnd(
        text=entity.value, endpoints=(("", EntityEndpoint(entity=entity)),), recorded=frozenset({f"entity:{entity}"})
    )


def _address(address: str, scene: Scene) -> NamedEnd:
    for known, member in scene.addresses:
        if known == address:
            found = _of_members(address, (member,))
            return replace(found, note=f"{address} is a pod of {member.workload}")
    if address in scene.node_addresses:
        return replace(_entity(Entity.REMOTE_NODE), text=address, note=f"{address} is a node: judged as remote-node")
    return NamedEnd(
        text=address,
        endpoints=(("", AddressEndpoint(address=address)),),
        recorded=frozenset({f"ip:{address}"}),
        note=f"{address} is no known pod or node: judged as an address outside the cluster",
    )


def _name(name: str, report: RecordedReport) -> NamedEnd:
    seen = {
        address
        for edge in report.edges
        if edge.server == f"fqdn:{name}" or name in edge.names
        for address in edge.server_addresses
    }
    addresses = tuple(sorted(seen))[:_MAX_ADDRESSES] or (SOME_ADDRESS,)
    note = f"{name}: an address outside the cluster that was looked up by this name"
    return NamedEnd(
        text=name,
        endpoints=tuple(
            (address if seen else "", AddressEndpoint(address=address, names=(name,))) for address in addresses
        ),
        recorded=frozenset({f"fqdn:{name}", *(f"ip:{address}" for address in seen)}),
        note=f"{note}; judged for {len(addresses)} address(es) seen" if seen else note,
    )


def _members(text: str, scene: Scene) -> tuple[Member, ...]:
    """By the full name first, then by workload, then by pod: an exact name never means something wider."""
    for names in (_full_names, _workload_names, _pod_names):
        found = tuple(member for member in scene.members if text in names(member))
        if found:
            return found
    return ()


def _full_names(member: Member) -> set[str]:
    return {str(member.workload), _without_cluster(member)}


def _workload_names(member: Member) -> set[str]:
    end = member.workload
    return {f"{end.namespace}/{end.name}", f"{end.cluster}/{end.namespace}/{end.name}"}


def _pod_names(member: Member) -> set[str]:
    end = member.workload
    return {f"{prefix}{end.namespace}/{pod}" for pod in member.pods for prefix in ("", f"{end.cluster}/")}


def _without_cluster(member: Member) -> str:
    end = member.workload
    return f"{end.namespace}/{end.kind}/{end.name}"


def _of_members(text: str, members: tuple[Member, ...]) -> NamedEnd:
    several = len(members) > 1
    workloads = sorted({str(member.workload) for member in members})
    note = "" if text in workloads else f"{text}: {', '.join(workloads)}"
    host = any(not isinstance(member.endpoint, PodEndpoint) for member in members)
    if host:
        note = "; ".join(part for part in (note, "it runs on the host network: judged as remote-node") if part)
    return NamedEnd(
        text=text,
        endpoints=tuple((_difference(member) if several else "", member.endpoint) for member in members),
        recorded=frozenset(workloads),
        members=members,
        is_pod=all(text in _pod_names(member) for member in members),
        note=note,
    )


def _difference(member: Member) -> str:
    if not isinstance(member.endpoint, PodEndpoint):
        return f"{member.workload} on the host network"
    labels = ",".join(f"{key}={value}" for key, value in member.endpoint.labels)
    return f"{member.workload} with labels {labels or 'none'}"


def as_peer_of(source: JudgedEndpoint, destination: JudgedEndpoint) -> JudgedEndpoint:
    """The destination, made another replica where it would be the source itself and no pod was named."""
    if isinstance(destination, PodEndpoint) and destination == source:
        return replace(destination, name=f"{destination.name}/other")
    return destination


def _suggestion(text: str, scene: Scene) -> str:
    names = sorted({_without_cluster(member) for member in scene.members})
    close = difflib.get_close_matches(text, names, n=3, cutoff=0.4) or _same_name(text, names)
    if not names:
        return "give --inventory, or --report with an earlier run's recommendation.json, so that pods are known"
    kinds = f"one of {', '.join(_ENTITIES)}, an address, a DNS name, or namespace/workload"
    return f"{', '.join(close)}; or {kinds}" if close else kinds


def _same_name(text: str, names: Iterable[str]) -> list[str]:
    last = text.rpartition("/")[2]
    return [name for name in names if name.rpartition("/")[2] == last][:3]
