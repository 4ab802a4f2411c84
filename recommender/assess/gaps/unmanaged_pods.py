"""Pods without a CiliumEndpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.report import command_name, make_gap
from recommender.assess.inventory_codes import UNMANAGED
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which running pods have no CiliumEndpoint though others have (Cilium documentation, "Restart unmanaged pods")?

    Pods on the host network have none by nature; finished pods and those without an address yet are passed over.
    """
    managed = set(context.inventory.cilium_endpoints)
    if not managed:
        return
    found = sorted(
        (pod.namespace, pod.name)
        for pod in context.inventory.pods
        if pod.addresses and not pod.host_network and (pod.namespace, pod.name) not in managed
    )
    if found:
        namespace, name = command_name(found[0][0], "NAMESPACE"), command_name(found[0][1])
        yield make_gap(
            UNMANAGED,
            subject="pods",
            reason=f"{counted(len(found), 'pod')} without a CiliumEndpoint",
            action=f"Restart them, so that Cilium takes them on: kubectl -n {namespace} delete pod {name}",
            count=len(found),
            examples=("/".join(pod) for pod in found),
            facts=("/".join(pod) for pod in found),
        )
