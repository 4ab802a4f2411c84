"""A network plugin that does not enforce what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from recommender.assess.gaps.report import make_gap
from recommender.assess.rollout_codes import CNI
from recommender.model.cni import Cni, Enforcement
from recommender.model.cni_plugins import PLUGINS
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
    order = tuple(Enforcement)
    found = {str(cni): cni.plugin.support(plan.dialect, cni.version) for cni in known}
    cni = min(known, key=lambda item: (order.index(found[str(item)].enforcement), str(item)))
    support = found[str(cni)]
    if support.enforcement is Enforcement.FULL:
        return
    note = f"; {support.note}" if support.note else ""
    yield make_gap(
        CNI,
        subject=cni.plugin.name,
        reason=f"{cni} ({cni.origin}) {_says(support.enforcement)} policies of the dialect {plan.dialect.value}{note}",
        severity=Severity.HIGH if support.enforcement is Enforcement.NONE else Severity.MEDIUM,
        count=len(plan.manifests),
        examples=support.sources,
        facts=(plan.dialect.value, support.enforcement.value),
    )


def _says(enforcement: Enforcement) -> str:
    match enforcement:
        case Enforcement.FULL:
            return "enforces"
        case Enforcement.PARTIAL:
            return "enforces only a part of"
        case Enforcement.OPTIONAL:
            return "has to be told to enforce"
        case Enforcement.UNKNOWN:
            return "is not known to enforce"
        case Enforcement.NONE:
            return "ignores"
        case _:
            assert_never(enforcement)


def _installed(inventory: Inventory) -> list[Cni]:
    """The plugins whose agents the inventory holds."""
    running = {item.name for item in inventory.workloads if item.kind == "DaemonSet"}
    return [
        Cni(plugin=plugin, origin=f"DaemonSet {name}")
        for plugin in PLUGINS
        for name in plugin.daemon_sets
        if name in running
    ]
