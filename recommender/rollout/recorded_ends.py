"""The ends of recorded edges, as endpoints that can be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.connection import AddressEndpoint, EntityEndpoint, JudgedEndpoint
from recommender.model.entity import Entity
from recommender.semantics.judged_ends import pods_of
from recommender.semantics.named_ends import SOME_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.edge import Workload


def endpoints_of(
    text: str, workloads: Mapping[str, Workload], addresses: tuple[str, ...], names: tuple[str, ...]
) -> tuple[JudgedEndpoint, ...]:
    """What a recorded end stands for: pods of a workload by their label sets, an entity, or addresses outside.

    Args:
        text: `namespace/Kind/name`, `entity:…`, `fqdn:…` or `ip:…`.
        workloads: The report's, by the same text.
        addresses: Of a server outside.
        names: DNS names that it was looked up by.
    """
    kind, _, rest = text.partition(":")
    if text in workloads:
        return pods_of(workloads[text])
    if kind == "ip":
        return (AddressEndpoint(address=rest),)
    if kind == "fqdn":
        several = addresses or (SOME_ADDRESS,)
        return tuple(AddressEndpoint(address=address, names=(rest, *names)) for address in several)
    if kind == "entity" and rest == Entity.WORLD:
        return tuple(AddressEndpoint(address=address) for address in addresses or (SOME_ADDRESS,))
    if kind == "entity":
        return (EntityEndpoint(entity=Entity(rest)),)
    return ()
