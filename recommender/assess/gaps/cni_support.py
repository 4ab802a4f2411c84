"""A network plugin that does not enforce what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.report import make_gap
from recommender.assess.rollout_codes import CNI
from recommender.model.cni import PLUGINS, Cni, Enforcement
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.inventory import Inventory


def detect(context: GapContext) -> Iterator[Gap]:
    """Does the cluster's network plugin enforce the dialect (`--cni`, else by the DaemonSets of the inventory)?

    Where several plugins run, the one that enforces most counts: Flannel beside Calico is Canal.
    """
    plan = context.plan
    if plan is None or not plan.manifests:
        return
    known = [plan.cni] if plan.cni else _installed(context.inventory)
    if not known:
        return
    order = (Enforcement.FULL, Enforcement.PARTIAL, Enforcement.UNKNOWN, Enforcement.NONE)
    found = {str(cni): cni.plugin.enforcement(plan.dialect, cni.version) for cni in known}
    cni = min(known, key=lambda item: (order.index(found[str(item)]), str(item)))
    enforcement = found[str(cni)]
    if enforcement is Enforcement.FULL:
        return
    says = {
        Enforcement.NONE: "ignores",
        Enforcement.PARTIAL: "enforces only a part of",
        Enforcement.UNKNOWN: "is not known to enforce",
    }[enforcement]
    note = f"; {cni.plugin.note}" if cni.plugin.note else ""
    yield make_gap(
        CNI,
        subject=cni.plugin.name,
        reason=f"{cni} ({cni.origin}) {says} policies of the dialect {plan.dialect.value}{note}",
        severity=Severity.HIGH if enforcement is Enforcement.NONE else Severity.MEDIUM,
        count=len(plan.manifests),
        examples=(cni.plugin.source,),
        facts=(plan.dialect.value, enforcement.value),
    )


def _installed(inventory: Inventory) -> list[Cni]:
    """The plugins whose agents the inventory holds."""
    running = {item.name for item in inventory.workloads if item.kind == "DaemonSet"}
    return [
        Cni(plugin=plugin, origin=f"DaemonSet {name}")
        for plugin in PLUGINS
        for name in plugin.daemon_sets
        if name in running
    ]
